import { makeHospital } from "./hospital";
import { choose, found, press, tabTo } from "./keys";
import { enter, expect, test } from "./test";

test("people are created, moved, reset and deactivated without a mouse", async ({ erp, page }) => {
  const hospital = await makeHospital(erp.admin, "자판사람병원");
  const dialog = page.getByRole("dialog");
  const user = (id: number) => erp.admin.get<{ full_name: string; department_id: number; is_active: boolean }>(`/users/${id}`);
  await enter(page, erp, "/users");

  await press(page, /^직원 등록$/);
  await expect(dialog.getByLabel("이메일")).toBeFocused();
  await page.keyboard.type("by.keys@example.com");
  await tabTo(page, /^이름$/);
  await page.keyboard.type("진하늘");
  await tabTo(page, /^기관$/);
  await page.keyboard.type("자판사람");
  await found(page, "자판사람병원");
  await tabTo(page, /^부서$/);
  await page.keyboard.type("심장");
  await found(page, "심장내과");
  await press(page, /^만들기$/);
  await press(page, /^나중에$/); // no code now
  await expect(dialog).toHaveCount(0);
  const [{ id }] = (await erp.admin.get<{ id: number }[]>("/users/?q=by.keys@example.com")) as [{ id: number }];
  expect(await user(id)).toMatchObject({ full_name: "진하늘", department_id: hospital.departments["심장내과"] });

  await page.goto(`${erp.url}/frontend/users?q=by.keys`);
  await expect(page.getByRole("row")).toHaveCount(2);
  await press(page, /진하늘/);
  await expect(page.getByRole("heading", { level: 1, name: "진하늘" })).toBeFocused();
  await press(page, /^수정$/);
  await expect(dialog.getByLabel("이메일")).toBeFocused();
  await tabTo(page, /^부서/);
  await page.keyboard.type("51병동");
  await found(page, "51병동");
  await press(page, /^저장$/);
  await expect.poll(async () => (await user(id)).department_id).toBe(hospital.departments["51병동"]);

  await expect(dialog).toHaveCount(0);
  await press(page, /^비밀번호 재설정$/);
  await press(page, /^코드 만들기$/);
  await expect(dialog.locator("code").first()).toBeVisible();
  await press(page, /^닫기$/);
  await expect(dialog).toHaveCount(0);

  await press(page, /^더 보기/);
  await choose(page, "비활성화");
  await press(page, /^비활성화$/);
  await expect.poll(async () => (await user(id)).is_active).toBe(false);
});

test("one's own account, its sessions and the way out are reached without a mouse", async ({ erp, page, browser }) => {
  const email = "own.keys@example.com";
  const password = "wonderland 2026";
  const { id } = await erp.admin.post("/users/", { email, full_name: "한겨울", password });
  await erp.admin.put(`/users/${id}/roles/1`);
  const elsewhere = await browser.newContext();
  await enter(await elsewhere.newPage(), erp, "/", email, password);
  await enter(page, erp, "/", email, password);

  await press(page, /내 계정: 한겨울/);
  await choose(page, "내 계정");
  await expect(page.getByRole("heading", { level: 1, name: "내 계정" })).toBeFocused();
  await tabTo(page, /^이름$/);
  await page.keyboard.press("Control+A");
  await page.keyboard.type("한봄");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: /한봄/ })).toBeVisible();

  await expect(page.getByRole("listitem").getByRole("button", { name: /로그아웃$/ })).toHaveCount(2);
  await tabTo(page, /\) 로그아웃$/); // of the other device
  await page.keyboard.press("Enter");
  await press(page, /^로그아웃$/);
  await expect(page.getByRole("listitem").getByRole("button", { name: /로그아웃$/ })).toHaveCount(1);
  await elsewhere.close();

  await press(page, /^English$/);
  await expect(page.getByRole("heading", { level: 1, name: "Your account" })).toBeVisible();
  await press(page, /^Sign out$/);
  await press(page, /^Sign out$/);
  await expect(page.getByLabel("Email")).toBeFocused();
});

test("organizations and departments are edited, moved and deleted, and asked about, without a mouse", async ({ erp, page }) => {
  const hospital = await makeHospital(erp.admin, "자판기관병원");
  const { id: empty } = await erp.admin.post("/organizations/", { name: "자판빈병원" });
  const dialog = page.getByRole("dialog");
  await enter(page, erp, "/organizations?q=자판빈");
  await expect(page.getByRole("row")).toHaveCount(2);
  await tabTo(page, /^자판빈병원$/);
  await press(page, /^수정$/);
  await expect(dialog.getByLabel("이름")).toBeFocused();
  await tabTo(page, /^설명$/);
  await page.keyboard.type("비어 있다");
  await press(page, /^저장$/);
  await expect.poll(() => erp.admin.get(`/organizations/${empty}`)).toMatchObject({ description: "비어 있다" });
  await expect(dialog).toHaveCount(0);
  await press(page, /^삭제$/);
  await expect(page.getByRole("dialog", { name: "기관 삭제" })).toBeVisible();
  await press(page, /^삭제$/);
  await expect(page.getByText("조건에 맞는 것이 없습니다").last()).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();

  const department = hospital.departments["총무팀"]!;
  await page.goto(`${erp.url}/frontend/organizations/${hospital.id}?department=${department}`);
  await expect(page.getByRole("heading", { level: 2, name: "총무팀" })).toBeVisible();
  await press(page, /^옮기기…$/);
  await expect(dialog).toBeVisible();
  await tabTo(page, /^상위 부서/);
  await page.keyboard.type("간호부");
  await expect(page.getByRole("listbox").getByRole("option").first()).toContainText("간호부");
  await page.keyboard.press("Enter");
  await press(page, /^옮기기$/);
  await expect.poll(() => erp.admin.get(`/departments/${department}`)).toMatchObject({ parent_id: hospital.departments["간호부"] });
  await expect(dialog).toHaveCount(0);
  await tabTo(page, /^총무팀/);
  await page.keyboard.press("Delete");
  await expect(page.getByRole("dialog", { name: "부서 삭제" })).toBeVisible();
  await press(page, /^삭제$/);
  await expect(page.getByRole("treeitem", { name: /총무팀/ })).toHaveCount(0);
  await press(page, /^조직도$/);
  await expect(page.locator(".chart-box").first()).toBeVisible();

  await page.goto(`${erp.url}/frontend/why`);
  await press(page, /^내 권한 확인$/);
  await tabTo(page, /^권한$/);
  await page.keyboard.press("ArrowDown"); // the first one
  await tabTo(page, /^범위$/);
  await page.keyboard.press("Home");
  await expect(page.getByRole("heading", { name: "네, 할 수 있습니다" })).toBeVisible();
});
