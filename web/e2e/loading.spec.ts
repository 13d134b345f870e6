import { enter, expect, test } from "./test";

/** What a view took over the wire, headers left out, as the browser counts it. */
interface Transfer {
  readonly name: string;
  readonly bytes: number;
  readonly cached: boolean;
}

const transfers = () =>
  performance
    .getEntriesByType("resource")
    .filter((e): e is PerformanceResourceTiming => e.name.includes("/frontend/"))
    .map((e): Transfer => ({ name: e.name.replace(/.*\//, ""), bytes: e.encodedBodySize, cached: e.transferSize === 0 }));

test("the first load is small, compressed and kept for good; each view after it is a chunk of its own", async ({ erp, page }) => {
  const answers: { url: string; headers: Record<string, string> }[] = [];
  page.on("response", (response) => {
    if (response.url().includes("/frontend/assets/")) answers.push({ url: response.url(), headers: response.headers() });
  });
  await enter(page, erp, "/");
  const first = await page.evaluate(transfers);
  const total = first.reduce((sum, t) => sum + t.bytes, 0);
  console.log(`first load: ${first.length} files, ${(total / 1000).toFixed(1)} kB over the wire`);
  expect(total).toBeGreaterThan(50_000); // else nothing was counted
  expect(total).toBeLessThanOrEqual(350_000);
  for (const { url, headers } of answers) {
    expect(headers["cache-control"], url).toBe("public, max-age=31536000, immutable");
    expect(headers["content-encoding"], url).toBe("gzip");
    expect(url).toMatch(/-[\w-]{8}\.(js|css|svg)$/);
  }

  const menu = page.getByRole("navigation").getByRole("link");
  const views = await menu.evaluateAll((links) => links.map((a) => (a as HTMLAnchorElement).pathname).filter((path) => !path.endsWith("/frontend/")));
  expect(views.length).toBeGreaterThan(3);
  for (const view of views) {
    const before = (await page.evaluate(transfers)).length;
    await page.locator(`nav a[href="${view}"]`).click();
    const own = async () => (await page.evaluate(transfers)).slice(before);
    await expect.poll(async () => (await own()).some((t) => t.name.endsWith(".js")), `${view} has a chunk of its own`).toBe(true);
    await page.waitForLoadState("networkidle");
    console.log(`${view}: ${(await own()).map((t) => `${t.name} ${(t.bytes / 1000).toFixed(1)} kB`).join(", ")}`);
  }

  await page.reload();
  await expect(page.locator("#page-title")).toBeVisible();
  expect((await page.evaluate(transfers)).filter((t) => !t.cached)).toEqual([]);
});

test("what one waits for is measured", async ({ erp, page }) => {
  await enter(page, erp, "/organizations");
  await page.reload();
  await expect(page.locator("#page-title")).toBeVisible();
  const largest = await page.evaluate(
    () => new Promise<number>((resolve) => new PerformanceObserver((list) => resolve(list.getEntries().at(-1)!.startTime)).observe({ type: "largest-contentful-paint", buffered: true })),
  );
  await page.evaluate(() => {
    const seen: number[] = ((window as unknown as { interactions: number[] }).interactions = []);
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if ((entry as PerformanceEventTiming & { interactionId: number }).interactionId) seen.push(entry.duration);
    }).observe({ type: "event", buffered: true, durationThreshold: 16 } as PerformanceObserverInit);
  });
  await page.getByRole("button", { name: "기관 등록" }).first().click();
  await page.keyboard.type("한빛병원");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  const interactions = await page.evaluate(() => new Promise<number[]>((resolve) => setTimeout(() => resolve((window as unknown as { interactions: number[] }).interactions), 500)));
  console.log(`largest contentful paint ${largest.toFixed(0)} ms; slowest of ${interactions.length} interactions ${Math.max(0, ...interactions)} ms`);
  expect(largest).toBeGreaterThan(0);
  expect(interactions.length).toBeGreaterThan(0);
});
