import { adminEmail, enter, expect, test } from "./test";

test("the browser's language decides, and a switch is remembered", async ({ erp, browser }) => {
  const english = await browser.newContext({ locale: "en-GB" });
  const page = await english.newPage();
  await page.goto(`${erp.url}/frontend/`);
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");

  await page.getByLabel("Email").fill(adminEmail);
  await page.getByLabel("Password", { exact: true }).fill("not this one");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("The email, the employee number or the password is wrong");

  await page.getByRole("button", { name: "한국어" }).click();
  await expect(page.getByRole("alert")).toContainText("이메일이나 사번, 비밀번호가 틀렸거나");
  await page.reload();
  await expect(page.getByRole("heading", { name: "로그인" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "ko");
  await english.close();
});

test("a refusal is said in the reader's language, with a request's id to quote", async ({ erp, page }) => {
  await erp.admin.post("/organizations/", { name: "가온병원" });
  await enter(page, erp, "/organizations?q=가온");
  await page.getByRole("row", { name: /가온병원/ }).getByRole("button", { name: "수정" }).click();
  await page.getByRole("dialog").getByLabel("이름").fill(" ");
  await page.getByRole("button", { name: "저장" }).click();
  await expect(page.getByText("공백만 입력할 수 없습니다.")).toBeVisible();
  await expect(page.getByRole("dialog").getByLabel("이름")).toBeFocused();
  await expect(page.getByRole("dialog").getByRole("alert").getByText(/[0-9a-f]{32}/)).toBeVisible();
});
