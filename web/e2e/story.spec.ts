import type { Page } from "@playwright/test";
import { makeHospital, password, roles } from "./hospital";
import { combobox, enter, expect, test, watch } from "./test";

/** Chooses in a list that is searched. */
async function choose(page: Page, label: string, text: string): Promise<void> {
  const control = combobox(page.getByRole("dialog"), label);
  await control.click();
  await control.fill(text);
  await page.getByRole("option", { name: text }).first().click();
}

test("an administrator makes a hospital, puts a role together, grants it for a department, and that is what the other one may do", async ({ erp, page, browser }) => {
  await enter(page, erp, "/organizations");

  // the hospital, in the form on top, and its tree on three levels
  const form = page.getByRole("form", { name: "기관 등록" });
  await form.getByLabel("이름").fill("이야기병원");
  await form.getByRole("button", { name: "만들기" }).click();
  await page.getByRole("searchbox").fill("이야기병원");
  await page.getByRole("link", { name: "이야기병원" }).click();
  await page.getByRole("button", { name: "첫 부서 만들기" }).click();
  const tree = page.getByRole("tree");
  const naming = tree.getByRole("textbox");
  const write = async (name: string) => {
    await naming.fill(name);
    await naming.press("Enter");
    await expect(tree.getByRole("treeitem", { name })).toBeVisible();
  };
  await write("진료부");
  await write("간호부");
  await naming.press("Escape");
  await tree.getByRole("treeitem", { name: "진료부" }).click();
  await page.keyboard.press("Insert");
  await write("내과");
  await naming.press("Escape");
  await tree.getByRole("treeitem", { name: "내과" }).click();
  await page.keyboard.press("Insert");
  await write("심장내과");
  await naming.press("Escape");
  await expect(tree.getByRole("treeitem", { name: "심장내과" })).toHaveAttribute("aria-level", "3");

  // a person
  await page.goto(`${erp.url}/frontend/users`);
  await page.getByRole("button", { name: "직원 등록" }).click();
  await page.getByRole("dialog").getByLabel("이메일").fill("story@example.com");
  await page.getByRole("dialog").getByLabel("이름").fill("신유나");
  await choose(page, "기관", "이야기병원");
  await choose(page, "부서", "심장내과");
  await page.getByRole("dialog").getByRole("button", { name: "만들기" }).click();

  // who is given a one-time code at once
  await page.getByRole("dialog").getByRole("button", { name: "코드 만들기" }).click();
  const code = await page.getByRole("dialog").locator("code").first().innerText();
  expect(code).toMatch(/^[0-9A-Z]{5}(-[0-9A-Z]{5}){3}$/);
  await page.getByRole("dialog").getByRole("button", { name: "닫기" }).last().click();

  // a role
  await page.goto(`${erp.url}/frontend/roles/new`);
  await page.getByRole("textbox", { name: "이름", exact: true }).fill("story-clerk");
  for (const permission of ["기관 조회", "부서 조회", "직원 조회"]) await page.getByRole("checkbox", { name: permission }).check();
  await page.getByRole("button", { name: "만들기" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "story-clerk" })).toBeVisible();

  // and its grant for the department
  await page.goto(`${erp.url}/frontend/grants`);
  await page.getByRole("button", { name: "권한 부여" }).click();
  await choose(page, "직원", "신유나");
  await choose(page, "역할", "story-clerk");
  await page.getByRole("dialog").getByRole("radio", { name: "부서" }).check();
  await choose(page, "기관", "이야기병원");
  await choose(page, "부서", "내과");
  await page.getByRole("dialog").getByLabel("사유").fill("내과 서무");
  await page.getByRole("dialog").getByRole("button", { name: "부여", exact: true }).click();
  await expect(page.getByRole("row", { name: /신유나/ })).toContainText("story-clerk");

  // the other one redeems the code, and sees just that
  const hers = await browser.newContext({ locale: "ko-KR" });
  const faults = watch(hers);
  const she = await hers.newPage();
  await she.goto(`${erp.url}/frontend/password-reset`);
  await she.getByLabel("이메일").fill("story@example.com");
  await she.getByLabel(/코드/).fill(code);
  await she.getByLabel("새 비밀번호", { exact: true }).fill(password);
  await she.getByLabel("새 비밀번호 다시 입력").fill(password);
  await she.locator("form").getByRole("button", { name: /비밀번호|정하기|바꾸기/ }).last().click();
  await expect(she.getByText("비밀번호를 정했습니다")).toBeVisible();
  await she.getByLabel("이메일").fill("story@example.com");
  await she.getByLabel("비밀번호", { exact: true }).fill(password);
  await she.getByRole("button", { name: "로그인", exact: true }).click();
  await expect(she.getByRole("heading", { name: /신유나님/ })).toBeVisible();
  await expect(she.getByRole("navigation").getByRole("link")).toHaveText(["시작", "기관", "부서", "직원"]);
  await she.getByRole("navigation").getByRole("link", { name: "부서" }).click();
  const seen = she.getByRole("treeitem");
  await expect(seen).toHaveCount(2);
  await expect(seen.first()).toContainText("내과");
  await expect(she.getByRole("button", { name: "최상위 부서" })).toHaveCount(0);
  expect(faults).toEqual([]);
  await hers.close();
});

test("a department is dragged to another one, by mouse and by keyboard, and a refusal is told where it happened", async ({ erp, page }) => {
  const hospital = await makeHospital(erp.admin, "끌기병원");
  await enter(page, erp, `/organizations/${hospital.id}`);
  const item = (name: string) => page.locator(`[role=treeitem][data-department="${hospital.departments[name]}"]`);
  const parentOf = async (name: string) => (await erp.admin.get<{ parent_id: number | null }>(`/departments/${hospital.departments[name]}`)).parent_id;
  const openAll = page.getByRole("button", { name: "모두 펼치기" });
  await openAll.click();

  const from = (await item("응급의학과").boundingBox())!;
  const to = (await item("간호부").boundingBox())!;
  await page.mouse.move(from.x + 120, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(to.x + 120, to.y + to.height / 2 - 12, { steps: 8 });
  await page.mouse.move(to.x + 120, to.y + to.height / 2, { steps: 4 });
  await page.mouse.up();
  await expect(item("응급의학과")).toHaveAttribute("aria-level", "2");
  await expect.poll(() => parentOf("응급의학과")).toBe(hospital.departments["간호부"]);

  await item("총무팀").click();
  await page.keyboard.press("Alt+ArrowLeft");
  await expect(item("총무팀")).toHaveAttribute("aria-level", "1");
  await expect.poll(() => parentOf("총무팀")).toBeNull();

  // A head may work below, and is refused what leads out of it.
  const head = hospital.people["박지우"]!;
  await erp.admin.post("/grants/", { user_id: head.id, role_id: roles.organizationAdministrator, department_id: hospital.departments["내과"] });
  const others = await page.context().browser()!.newContext({ locale: "ko-KR" });
  const hers = await others.newPage();
  await enter(hers, erp, `/organizations/${hospital.id}`, head.email, password);
  await hers.getByRole("button", { name: "모두 펼치기" }).click();
  const own = (name: string) => hers.locator(`[role=treeitem][data-department="${hospital.departments[name]}"]`);
  // After each move the tree is read anew; what is deleted must not be gone from it yet.
  const readAnew = () => hers.waitForResponse((response) => response.url().endsWith(`/organizations/${hospital.id}/tree`));
  await own("신장내과").click();
  await Promise.all([readAnew(), hers.keyboard.press("Alt+ArrowUp")]);
  await expect(hers.getByRole("treeitem").nth(2)).toContainText("신장내과");
  // Somebody else took the department away that this one is to go below.
  await Promise.all([readAnew(), own("신장내과").press("Alt+ArrowDown")]);
  await expect(hers.getByRole("treeitem").nth(3)).toContainText("신장내과");
  await erp.admin.delete(`/departments/${hospital.departments["소화기내과"]}`);
  await hers.keyboard.press("Alt+ArrowRight");
  await expect(hers.getByRole("tree").getByText("이 기관에 없는 상위 부서입니다.")).toBeVisible();
  await expect(own("신장내과")).toHaveAttribute("aria-level", "2");
  await others.close();
});

test("whoever knew the old page finds its form, its table, and what edits and deletes in a row", async ({ erp, page }) => {
  await enter(page, erp, "/organizations?q=옛날");
  const form = page.getByRole("form", { name: "기관 등록" });
  await form.getByLabel("이름").fill("옛날병원");
  await form.getByLabel("설명").fill("처음 설명");
  await form.getByRole("button", { name: "만들기" }).click();
  const row = page.getByRole("row", { name: /옛날병원/ });
  await expect(row).toContainText("처음 설명");
  await expect(form.getByLabel("이름")).toHaveValue("");

  await form.getByLabel("이름").fill("옛날병원");
  await form.getByRole("button", { name: "만들기" }).click();
  await expect(form.getByText("같은 이름의 기관이 이미 있습니다.").first()).toBeVisible();
  await form.getByLabel("이름").fill("");

  await row.getByRole("button", { name: "수정" }).click();
  await page.getByRole("dialog").getByLabel("설명").fill("고친 설명");
  await page.getByRole("button", { name: "저장" }).click();
  await expect(row).toContainText("고친 설명");

  await row.getByRole("button", { name: "삭제" }).click();
  await page.getByRole("dialog", { name: "기관 삭제" }).getByRole("button", { name: "삭제" }).click();
  await expect(row).toHaveCount(0);
});
