import { makeHospital, password, roles } from "./hospital";
import { combobox, enter, expect, test } from "./test";

test("of two people of one name, what the deactivated one was granted is shown as without effect wherever grants are", async ({ erp, page }) => {
  const hospital = await makeHospital(erp.admin, "같은이름병원");
  const ward = hospital.departments["내과"]!;
  const here = hospital.people["박지우"]!;
  const gone = await erp.admin.post<{ id: number; email: string }>("/users/", {
    email: `jiwoo.park.left.${hospital.id}@hanbit.example`,
    full_name: "박지우",
    password,
    organization_id: hospital.id,
    department_id: ward,
  });
  for (const { id } of [here, gone]) await erp.admin.post("/grants/", { user_id: id, role_id: roles.member, department_id: ward });
  await erp.admin.post(`/users/${gone.id}/deactivate`, {});

  // The ledger: also for who reaches a place.
  await enter(page, erp, `/grants?organization_id=${hospital.id}&department_id=${ward}&covering=true`);
  const row = (email: string) => page.getByRole("row").filter({ hasText: email });
  await expect(row(here.email)).toContainText("유효");
  await expect(row(gone.email)).toContainText("효력 없음 · 비활성 직원");
  await page.goto(`${erp.url}/frontend/grants?organization_id=${hospital.id}&state=in_force`);
  await expect(page.getByText(/유효한 부여$/)).toBeVisible();
  await expect(row(here.email)).toBeVisible();
  await expect(row(gone.email)).toHaveCount(0);
  await page.goto(`${erp.url}/frontend/grants?organization_id=${hospital.id}&state=user_deactivated`);
  await expect(row(gone.email)).toBeVisible();
  await row(gone.email).getByRole("button", { name: /^자세히/ }).click();
  await expect(page.getByRole("dialog")).toContainText("다시 활성화하면 효력이 돌아오니");
  await page.keyboard.press("Escape");

  // The user's page, and the chooser.
  await page.goto(`${erp.url}/frontend/users/${gone.id}`);
  await expect(page.getByRole("listitem").filter({ hasText: "구성원" })).toContainText("효력 없음 · 비활성 직원");
  await page.goto(`${erp.url}/frontend/grants?new=1`);
  await combobox(page.getByRole("dialog"), "직원").fill("박지우");
  await page.getByRole("option").filter({ hasText: gone.email }).filter({ hasText: "비활성" }).click();
  await expect(page.getByRole("dialog")).toContainText("비활성화된 직원입니다.");
  await expect(page.getByRole("dialog")).not.toContainText("부여할 수 없습니다");
});

test("before a role is saved, its page says how many people get what is added", async ({ erp, page }) => {
  const hospital = await makeHospital(erp.admin, "역할병원");
  const role = await erp.admin.post<{ id: number }>("/roles/", { name: "병동 서무", permissions: ["user.read"] });
  const empty = await erp.admin.post<{ id: number }>("/roles/", { name: "빈 역할" });
  const [first, second] = [hospital.people["박지우"]!, hospital.people["최민서"]!];
  await erp.admin.post("/grants/", { user_id: first.id, role_id: role.id, department_id: hospital.departments["내과"] });
  await erp.admin.post("/grants/", { user_id: second.id, role_id: role.id, organization_id: hospital.id, valid_from: "2999-01-01T00:00:00Z" });

  await enter(page, erp, `/roles/${role.id}`);
  await expect(page.getByRole("link", { name: "지금 유효한 부여 1건" })).toBeVisible();
  await page.getByRole("checkbox", { name: /^직원 등록/ }).check();
  await expect(page.getByText("저장하면 1명이 추가된 권한을 곧바로 갖습니다. 시작 전인 부여로 1명이 나중에 갖습니다.")).toBeVisible();
  await page.getByRole("button", { name: "되돌리기" }).click();
  await page.getByRole("checkbox", { name: /^기관 등록/ }).check(); // which nobody has by a grant for less than the system
  await expect(page.getByText(/저장하면/)).toHaveCount(0);
  await page.getByRole("button", { name: "되돌리기" }).click();

  // A role that gives nothing there is said to before it is asked.
  await page.goto(`${erp.url}/frontend/grants?new=1&user_id=${first.id}`);
  const drawer = page.getByRole("dialog");
  await combobox(drawer, "역할").fill("빈 역할");
  await page.getByRole("option", { name: "빈 역할" }).click();
  await expect(drawer).toContainText("쓸 수 있는 권한이 없어 부여할 수 없습니다.");
  await erp.admin.delete(`/roles/${empty.id}`);
});
