import { Client } from "./client";
import { password } from "./hospital";
import { Server } from "./server";
import { adminEmail, adminPassword, enter, expect, test } from "./test";

test("a session that was not used for too long asks for the password, and the form is as it was", async ({ page }) => {
  test.setTimeout(240_000); // a minute is the shortest that the server takes
  const server = await Server.start({ ADMIN_EMAIL: adminEmail, ADMIN_PASSWORD: adminPassword, SESSION_IDLE: "1m" });
  try {
    const admin = await Client.signIn(server.url, adminEmail, adminPassword);
    const email = "pauses@example.com";
    const { id } = await admin.post("/users/", { email, full_name: "서지안", password });
    await admin.put(`/users/${id}/roles/1`);
    await enter(page, server, "/organizations", email, password);
    await page.getByRole("button", { name: "기관 등록" }).first().click();
    await page.getByRole("dialog").getByLabel("이름").fill("한참 쉬었다 저장하는 병원");
    await page.waitForLoadState("networkidle");
    const idleSince = Date.now();
    await expect.poll(() => Date.now() - idleSince, { timeout: 120_000, intervals: [2000] }).toBeGreaterThan(62_000); // time itself is what it takes

    await page.getByRole("dialog").getByRole("button", { name: "만들기" }).click();
    const again = page.getByRole("dialog", { name: "다시 로그인하세요" });
    await again.getByLabel("비밀번호", { exact: true }).fill(password);
    await again.getByRole("button", { name: "로그인", exact: true }).click();
    await expect(page.getByRole("link", { name: "한참 쉬었다 저장하는 병원" })).toBeVisible();
  } finally {
    await server.stop();
  }
});
