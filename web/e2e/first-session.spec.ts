import { adminEmail, adminPassword, expect, test } from "./test";

test("the first administrator signs in, is asked for a password of their own, and gets to where they wanted to go", async ({ fresh, page }) => {
  await page.goto(`${fresh.url}/frontend/organizations?q=한빛`);
  await expect(page).toHaveTitle(/로그인/);

  await page.getByLabel("이메일").fill(adminEmail);
  await page.getByLabel("비밀번호", { exact: true }).fill("not this one");
  await page.getByRole("button", { name: "로그인", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("이메일이나 사번, 비밀번호가 틀렸거나");
  await expect(page.getByLabel("이메일")).toHaveValue(adminEmail);

  await page.getByLabel("비밀번호", { exact: true }).fill(fresh.firstPassword);
  await page.getByRole("button", { name: "로그인", exact: true }).click();
  await expect(page.getByRole("heading", { name: "비밀번호를 바꾸세요" })).toBeVisible();

  await page.getByLabel("지금 비밀번호").fill(fresh.firstPassword);
  await page.getByLabel("새 비밀번호", { exact: true }).fill("password");
  await page.getByLabel("새 비밀번호 다시 입력").fill("password");
  await page.getByRole("button", { name: "비밀번호 바꾸기" }).click();
  await expect(page.getByText("많이 쓰이는 비밀번호라 쓸 수 없습니다.")).toBeVisible();

  await page.getByLabel("새 비밀번호", { exact: true }).fill(adminPassword);
  await page.getByLabel("새 비밀번호 다시 입력").fill(adminPassword);
  await page.getByRole("button", { name: "비밀번호 바꾸기" }).click();
  await expect(page.getByRole("heading", { name: "기관", exact: true })).toBeVisible();
  expect(new URL(page.url()).searchParams.get("q")).toBe("한빛");

  // No token is within reach of scripts.
  expect(await page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }))).not.toMatch(/[A-Za-z0-9_-]{43}/);
});
