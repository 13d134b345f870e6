import { adminEmail, adminPassword, enter, expect, test } from "./test";
import { Server } from "./server";

test("a server that is lost in the middle of a form takes nothing of it along", async ({ page }) => {
  const server = await Server.start({ ADMIN_EMAIL: adminEmail, ADMIN_PASSWORD: adminPassword });
  try {
    await enter(page, server, "/organizations");
    await page.getByRole("button", { name: "기관 등록" }).first().click();
    await page.getByRole("dialog").getByLabel("이름").fill("한빛병원");
    await page.getByRole("dialog").getByLabel("설명").fill("두 번 쓰고 싶지 않은 긴 설명");

    await server.kill();
    await page.getByRole("dialog").getByRole("button", { name: "만들기" }).click();
    await expect(page.getByRole("dialog").getByRole("alert")).toContainText("서버에 연결할 수 없습니다. 입력한 내용은 그대로 있습니다.");
    await expect(page.getByText("다시 연결되면 계속할 수 있습니다")).toBeVisible();
    await expect(page.getByRole("dialog").getByLabel("설명")).toHaveValue("두 번 쓰고 싶지 않은 긴 설명");

    await server.run();
    await expect(page.getByText("다시 연결되면 계속할 수 있습니다")).toBeHidden();
    await page.getByRole("dialog").getByRole("button", { name: "만들기" }).click();
    await expect(page.getByRole("row", { name: /한빛병원/ })).toContainText("두 번 쓰고 싶지 않은 긴 설명");
  } finally {
    await server.stop();
  }
});

test("a view that cannot be read says so, and can be tried again", async ({ page }) => {
  const server = await Server.start({ ADMIN_EMAIL: adminEmail, ADMIN_PASSWORD: adminPassword });
  try {
    await enter(page, server, "/");
    await page.route("**/organizations?*", (route) => route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify({ status: 500, title: "", type: "about:blank", detail: "Internal error", code: "internal", request_id: "quote-me" }) }));
    await page.getByRole("navigation").getByRole("link", { name: "기관" }).click();
    await expect(page.getByRole("alert")).toContainText("quote-me");
    await page.unroute("**/organizations?*");
    await page.getByRole("button", { name: "다시 시도" }).click();
    await expect(page.getByRole("paragraph").filter({ hasText: "등록된 기관이 없습니다" })).toBeVisible();
  } finally {
    await server.stop();
  }
});

test("a page of the server before an update is loaded anew with its next view", async ({ erp, page }) => {
  await enter(page, erp, "/");
  let anew = false;
  page.on("load", () => (anew = true));
  await page.route(/assets\/OrganizationsView/, (route) => (anew ? route.continue() : route.fulfill({ status: 404, contentType: "application/problem+json", body: "{}" })));
  await page.getByRole("navigation").getByRole("link", { name: "기관" }).click();
  await expect(page.getByRole("heading", { name: "기관", exact: true })).toBeVisible();
  expect(anew).toBe(true);
});
