import { createServer, request, type Server as Proxy } from "node:http";
import { type AddressInfo } from "node:net";
import { Server } from "./server";
import { adminEmail, adminPassword, enter, expect, test } from "./test";

/** A reverse proxy that serves what is behind it below /erp, as institutions do that have one name for many programs. */
async function proxyBelow(prefix: string, target: () => string): Promise<Proxy> {
  const proxy = createServer((asked, answer) => {
    if (!asked.url?.startsWith(`${prefix}/`)) return void answer.writeHead(404).end("another program's");
    const onward = request(target() + asked.url.slice(prefix.length), { method: asked.method, headers: asked.headers }, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(answer);
    });
    onward.on("error", () => answer.writeHead(502).end());
    asked.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return proxy;
}

test("the console works below a path, behind a reverse proxy", async ({ page }) => {
  let behind = "";
  const proxy = await proxyBelow("/erp", () => behind);
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/erp`;
  const server = await Server.start({ ADMIN_EMAIL: adminEmail, ADMIN_PASSWORD: adminPassword, PUBLIC_URL: url });
  behind = server.url;
  try {
    const lost: string[] = [];
    page.on("response", (response) => {
      if (response.status() === 404 || !response.url().startsWith(url)) lost.push(response.url());
    });
    await enter(page, { url }, "/organizations");
    for (let n = 1; n <= 60; n++) expect((await page.request.post(`${url}/organizations/`, { data: { name: `누리 ${n}` } })).status()).toBe(201);
    await page.reload();
    await page.getByRole("button", { name: "다음" }).click(); // along a Link that begins with /erp
    await expect(page.getByText("60건 중 51–60")).toBeVisible();
    await page.getByRole("navigation").getByRole("link", { name: "시작" }).click();
    await expect(page).toHaveURL(`${url}/frontend/`);
    expect(lost).toEqual([]);
  } finally {
    await server.stop();
    proxy.closeAllConnections();
    proxy.close();
  }
});
