import { makeHospital, password, roles } from "./hospital";
import { enter, expect, expectAccessible, expectReachable, settled, test } from "./test";

test("who renamed and moved a department is told, from what to what", async ({ erp, page }) => {
  const hospital = await makeHospital(erp.admin, "이력병원");
  const id = hospital.departments["심장내과"]!;
  await erp.admin.put(`/departments/${id}`, { name: "순환기내과" });
  await erp.admin.post(`/departments/${id}/move`, { parent_id: hospital.departments["외과"], position: 0 });

  await enter(page, erp, `/organizations/${hospital.id}?department=${id}`);
  const asked: string[] = [];
  page.on("request", (request) => request.url().includes("/changes?") && asked.push(request.url()));
  await settled(page);
  expect(asked).toEqual([]); // before it is opened
  await page.locator("summary", { hasText: "이력" }).press("Enter");

  const entries = page.getByRole("list", { name: "변경 이력" }).getByRole("listitem");
  await expect(entries).toHaveCount(3);
  await expect(entries.nth(0)).toContainText("admin@example.com이(가) 부서를 옮겼습니다");
  await expect(entries.nth(0)).toContainText(/상위 부서.*내과.*→.*외과/s);
  await expect(entries.nth(1)).toContainText("부서 정보를 수정했습니다");
  await expect(entries.nth(1)).toContainText(/이름.*심장내과.*→.*순환기내과/s);
  await expect(entries.nth(2)).toContainText("부서를 만들었습니다");

  // What is changed while it is open comes in.
  await page.getByRole("button", { name: "수정", exact: true }).click();
  await page.getByRole("dialog").getByLabel("이름").fill("심장센터");
  await page.getByRole("button", { name: "저장" }).click();
  await expect(entries.nth(0)).toContainText(/순환기내과.*→.*심장센터/s);

  await expectAccessible(page);
  await expectReachable(page);
});

test("an organization's history can hold what belongs to it, and goes on where it is long", async ({ erp, page }) => {
  const hospital = await makeHospital(erp.admin, "긴이력병원");
  await enter(page, erp, `/organizations/${hospital.id}`);
  await page.getByRole("navigation", { name: "보기" }).getByRole("link", { name: "이력" }).click();
  const entries = page.getByRole("list", { name: "변경 이력" }).getByRole("listitem");
  await expect(entries).toHaveCount(1);
  await page.getByRole("checkbox", { name: /함께 보기/ }).check();
  await expect(entries).toHaveCount(20);
  await page.getByRole("button", { name: "더 보기" }).press("Enter");
  await expect(entries.nth(20)).toBeFocused();
  await expect(entries.last()).toContainText("기관을 등록했습니다");
  await expect(page.getByRole("button", { name: "더 보기" })).toBeHidden();
});

test("a user's history holds grants, and fits a small screen", async ({ erp, page }) => {
  const hospital = await makeHospital(erp.admin, "작은화면병원");
  const { id } = hospital.people["박지우"]!;
  const grant = await erp.admin.post("/grants/", { user_id: id, role_id: roles.member, department_id: hospital.departments["내과"], valid_until: "2027-12-31T15:00:00Z", reason: "내과 과장 직무대행. ".repeat(20) });
  await erp.admin.delete(`/grants/${grant.id}?reason=${encodeURIComponent("복귀")}`);
  await page.setViewportSize({ width: 360, height: 740 });
  await enter(page, erp, `/users/${id}?tab=history`);
  const entries = page.getByRole("list", { name: "변경 이력" }).getByRole("listitem");
  await expect(entries.filter({ hasText: "부여된 역할을 종료했습니다" })).toContainText("복귀");
  await expect(entries.filter({ hasText: "직원을 등록했습니다" })).toContainText(/이름.*박지우.*이메일/s);
  const granted = entries.filter({ hasText: "역할을 부여했습니다" });
  await expect(granted).toContainText(/역할.*구성원.*내과 과장 직무대행.*…/s);
  await settled(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await expectAccessible(page);
});

test("who may not see changes sees no history", async ({ erp, page }) => {
  const hospital = await makeHospital(erp.admin, "구성원병원");
  const { id, email } = hospital.people["김하늘"]!;
  await erp.admin.post("/grants/", { user_id: id, role_id: roles.member, organization_id: hospital.id });
  await enter(page, erp, "/", email, password);
  await page.goto(`${erp.url}/frontend/organizations/${hospital.id}?department=${hospital.departments["내과"]}`);
  await expect(page.getByRole("heading", { name: "내과" })).toBeVisible();
  await settled(page);
  await expect(page.getByText("이력", { exact: true })).toHaveCount(0);
  await page.goto(`${erp.url}/frontend/users/${id}?tab=history`);
  await expect(page.getByRole("heading", { name: "김하늘" })).toBeVisible();
  await settled(page);
  await expect(page.getByText("이력", { exact: true })).toHaveCount(0);
});
