import { expect, test } from "./test";

// In a closed network nothing answers elsewhere, and the pages' policy lets nothing through: they must not even ask.
for (const path of ["/docs", "/redoc"]) {
  test(`${path} shows the API and asks for nothing from elsewhere`, async ({ page, erp }) => {
    const elsewhere: string[] = [];
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(erp.url) && !url.startsWith("data:") && !url.startsWith("blob:")) elsewhere.push(url);
    });
    await page.goto(erp.url + path);
    await expect(page.getByText("Check liveness").filter({ visible: true }).first()).toBeVisible();
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    await page.waitForLoadState("networkidle");
    expect(elsewhere).toEqual([]);
  });
}
