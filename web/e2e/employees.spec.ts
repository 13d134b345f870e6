import type { Page } from "@playwright/test";
import { makeHospital, password } from "./hospital";
import { enter, expect, settled, test, watch } from "./test";

/** Moves on by Tab until the control with the label has the focus. */
async function tabTo(page: Page, label: string): Promise<void> {
  const control = page.getByRole("dialog").getByLabel(label, { exact: true });
  for (let presses = 0; presses < 30; presses++) {
    if (await control.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  await expect(control).toBeFocused();
}

test("a nurse without an email is made by keys alone, found by her number, and signs in with it", async ({ erp, page, browser }) => {
  const hospital = await makeHospital(erp.admin, "사번병원");
  const other = await makeHospital(erp.admin, "사번의료원");
  await erp.admin.post("/users/", { employee_number: "2026-0117", full_name: "동명이", organization_id: other.id });
  await enter(page, erp, `/users?organization_id=${hospital.id}`);
  await settled(page);

  await page.getByRole("button", { name: "등록" }).first().focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog").getByLabel("이메일")).toBeFocused();
  for (const [label, typed] of [
    ["사번", "2026-0117"],
    ["이름", "나간호"],
  ] as const) {
    await tabTo(page, label);
    await page.keyboard.type(typed);
  }
  await tabTo(page, "재직 상태");
  await page.keyboard.press("ArrowDown"); // 휴직
  for (const [label, typed] of [
    ["직종", "간호사"],
    ["직위", "주임"],
    ["직책", "파트장"],
    ["전화번호", "02-1234-5678"],
  ] as const) {
    await tabTo(page, label);
    await page.keyboard.type(typed);
  }
  await page.getByRole("dialog").getByLabel("입사일").fill("2026-03-01");
  await page.getByRole("dialog").getByLabel("퇴사일").fill("2026-02-01");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog").getByText("입사일보다 빠를 수 없습니다.")).toBeVisible();
  await page.getByRole("dialog").getByLabel("퇴사일").fill("2026-12-31");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByRole("button", { name: "코드 만들기" }).press("Enter");
  const code = await page.getByRole("dialog").locator("code").first().innerText();
  const where = await page.getByRole("dialog").locator("code").nth(1).innerText();
  expect(where).toContain(`?organization=${hospital.id}`);
  await page.getByRole("dialog").getByRole("button", { name: "닫기" }).last().click();

  // the list shows her, sorts by the number, and is narrowed to those on leave
  const row = page.getByRole("row", { name: /나간호/ });
  await expect(row).toContainText("2026-0117");
  await expect(row).toContainText("주임");
  await page.getByLabel("재직 상태").selectOption({ label: "휴직" });
  await expect(page.getByRole("row")).toHaveCount(3); // the head, her, and another nurse
  await expect(page).toHaveURL(/employment=on_leave/);
  await page.getByRole("button", { name: /사번/ }).first().click();
  await expect(page).toHaveURL(/sort=employee_number/);

  // the search of the header finds her by it, and her page tells the rest
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  await page.keyboard.type("20260117");
  await page.getByRole("option", { name: /나간호/ }).click();
  const facts = page.locator(".user-facts");
  for (const said of ["휴직", "2026-0117", "간호사", "주임", "파트장", "02-1234-5678", "2026. 3. 1.", "2026. 12. 31."]) await expect(facts).toContainText(said);

  // she redeems the code and signs in, at the address she was given: another institution has her number, too
  const hers = await browser.newContext({ locale: "ko-KR" });
  const faults = watch(hers);
  const she = await hers.newPage();
  await she.goto(where);
  await she.getByLabel("이메일 또는 사번").fill("2026-0117");
  await she.getByLabel(/코드/).fill(code);
  await she.getByLabel("새 비밀번호", { exact: true }).fill(password);
  await she.getByLabel("새 비밀번호 다시 입력").fill(password);
  await she.keyboard.press("Enter");
  await expect(she.getByText("비밀번호를 정했습니다")).toBeVisible();
  await she.getByLabel("이메일 또는 사번").fill("2026-0117");
  await she.getByLabel("비밀번호", { exact: true }).fill(password);
  await she.keyboard.press("Enter");
  await expect(she.getByRole("heading", { name: /나간호님/ })).toBeVisible();
  await she.goto(`${erp.url}/frontend/account`);
  await expect(she.locator(".user-facts")).toContainText("2026-0117");

  // without the institution the number is nobody's
  await hers.clearCookies();
  await she.goto(`${erp.url}/frontend/sign-in`);
  await she.getByLabel("이메일 또는 사번").fill("2026-0117");
  await she.getByLabel("비밀번호", { exact: true }).fill(password);
  await she.keyboard.press("Enter");
  await expect(she.getByRole("alert")).toContainText("이메일이나 사번, 비밀번호가 틀렸거나");
  expect(faults).toEqual([]);
  await hers.close();
});

test("an employee number that another user has is told at its field", async ({ erp, page }) => {
  const hospital = await makeHospital(erp.admin, "같은사번병원");
  await erp.admin.put(`/users/${hospital.people["김하늘"]!.id}`, { employee_number: "A-7" });
  await enter(page, erp, `/users/${hospital.people["이서준"]!.id}`);
  await page.getByRole("button", { name: "수정", exact: true }).click();
  await page.getByRole("dialog").getByLabel("사번", { exact: true }).fill("a-7");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog").locator(".field__error")).toHaveText("이 기관에서 이미 사용 중인 사번입니다.");
  await expect(page.getByRole("dialog").getByLabel("사번", { exact: true })).toBeFocused();
  await page.getByRole("dialog").getByLabel("사번", { exact: true }).fill("A-8");
  await page.keyboard.press("Enter");
  await expect(page.locator(".user-facts")).toContainText("A-8");
});
