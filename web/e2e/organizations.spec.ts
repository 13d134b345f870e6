import { makeHospital } from "./hospital";
import { enter, expect, test } from "./test";

test("an administrator edits what another administrator has changed meanwhile", async ({ erp, page }) => {
  const { id } = await erp.admin.post("/organizations/", { name: "나래의료원", description: "처음" });
  await enter(page, erp, "/organizations?q=나래");
  const row = page.getByRole("row", { name: /나래의료원/ });
  await row.getByRole("button", { name: "수정" }).click();
  await page.getByRole("dialog").getByLabel("설명").fill("내가 쓴 설명");

  await erp.admin.put(`/organizations/${id}`, { name: "나래대학병원" });
  await page.getByRole("button", { name: "저장" }).press("Enter");

  const conflict = page.getByRole("alert").filter({ hasText: "그사이 다른 사람이 수정했습니다" });
  await expect(conflict.getByRole("row", { name: /이름/ })).toContainText("나래대학병원");
  await expect(conflict).toBeFocused();
  await expect(page.getByRole("dialog").getByLabel("설명")).toHaveValue("내가 쓴 설명");

  await conflict.getByRole("button", { name: "내 값으로 덮어쓰기" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  // What was not changed here is as the other one left it.
  expect(await erp.admin.get(`/organizations/${id}`)).toMatchObject({ name: "나래대학병원", description: "내가 쓴 설명" });

  await page.getByRole("row", { name: /나래대학병원/ }).getByRole("button", { name: "수정" }).click();
  await page.getByRole("dialog").getByLabel("설명").fill("또 쓴 설명");
  await erp.admin.put(`/organizations/${id}`, { description: "다른 사람의 설명" });
  await page.getByRole("button", { name: "저장" }).click();
  await conflict.getByRole("button", { name: "저장된 값 불러오기" }).click();
  await expect(page.getByRole("dialog").getByLabel("설명")).toHaveValue("다른 사람의 설명");
});

test("what is not saved is asked about before it is lost", async ({ erp, page }) => {
  await erp.admin.post("/organizations/", { name: "다솜병원" });
  await enter(page, erp, "/");
  await page.getByRole("navigation").getByRole("link", { name: "기관" }).click();
  await page.getByRole("searchbox").fill("다솜");
  await page.getByRole("row", { name: /다솜병원/ }).getByRole("button", { name: "수정" }).click();
  await page.getByRole("dialog").getByLabel("설명").fill("아직 저장하지 않음");
  await page.keyboard.press("Escape");
  const question = page.getByRole("dialog", { name: "저장하지 않은 내용이 있습니다" });
  await question.getByRole("button", { name: "계속 입력" }).click();
  await expect(page.getByLabel("설명").last()).toHaveValue("아직 저장하지 않음");

  await page.goBack();
  await question.getByRole("button", { name: "계속 입력" }).click();
  await expect(page).toHaveURL(/organizations/);
  await expect(page.getByLabel("설명").last()).toHaveValue("아직 저장하지 않음");

  await page.keyboard.press("Escape");
  await question.getByRole("button", { name: "버리고 나가기" }).click();
  await expect(page.getByRole("dialog", { name: "기관 수정" })).toBeHidden();
});

test("what is in the way of a deletion is told", async ({ erp, page }) => {
  const { id } = await erp.admin.post("/organizations/", { name: "라온병원" });
  await erp.admin.post("/users/", { email: "raon@example.com", organization_id: id });
  await enter(page, erp, "/organizations?q=라온");
  await page.getByRole("row", { name: /라온병원/ }).getByRole("button", { name: "삭제" }).click();
  const dialog = page.getByRole("dialog", { name: "기관 삭제" });
  await dialog.getByRole("button", { name: "삭제" }).press("Enter");
  await expect(dialog.getByRole("button", { name: "삭제" })).toBeFocused();
  await expect(dialog.getByRole("alert")).toContainText("직원 1명");
  await dialog.getByRole("button", { name: "취소" }).click();
  await expect(page.getByRole("row", { name: /라온병원/ })).toBeVisible();
});

test("a list is searched, sorted and leafed through, and its address keeps that", async ({ erp, page }) => {
  for (let n = 101; n <= 160; n++) await erp.admin.post("/organizations/", { name: `마루 ${n}` });
  await enter(page, erp, "/organizations");
  await page.getByRole("searchbox").fill("마루");
  await expect(page.getByText("60건 중 1–50")).toBeVisible();
  await page.getByRole("button", { name: "다음" }).press("Enter");
  await expect(page.getByText("60건 중 51–60")).toBeVisible();
  await expect(page.getByRole("button", { name: "다음" })).toBeFocused(); // though there is no further one
  await expect(page.getByRole("row", { name: /마루 151/ })).toBeVisible();
  await page.getByRole("button", { name: "이름", exact: true }).click();
  await expect(page.getByRole("row").nth(1)).toContainText("마루 160");
  await expect(page.getByRole("columnheader", { name: "이름" })).toHaveAttribute("aria-sort", "descending");
  await page.reload();
  await expect(page.getByRole("row").nth(1)).toContainText("마루 160");
  await page.getByRole("searchbox").fill("마루 없는 것");
  await expect(page.getByRole("paragraph").filter({ hasText: "조건에 맞는 것이 없습니다" })).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: "조건에 맞는 것이 없습니다" })).toHaveCount(1); // for who does not see it
  await page.getByRole("button", { name: "조건 지우기" }).press("Enter");
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
});

test("whoever deletes the last row of the last page is led to the page before it", async ({ erp, page }) => {
  for (let n = 101; n <= 151; n++) await erp.admin.post("/organizations/", { name: `아라 ${n}` });
  await enter(page, erp, "/organizations?q=아라");
  await page.getByRole("button", { name: "다음" }).click();
  await page.getByRole("row", { name: /아라 151/ }).getByRole("button", { name: "삭제" }).click();
  await page.getByRole("dialog", { name: "기관 삭제" }).getByRole("button", { name: "삭제" }).click();
  await expect(page.getByText("50건 중 1–50")).toBeVisible();
});

test("what is typed while the one before is being stored is for the next", async ({ erp, page }) => {
  await enter(page, erp, "/organizations?q=연달아");
  let store = () => {};
  const told = new Promise<void>((resolve) => (store = resolve));
  await page.route(/\/organizations$/, async (route) => {
    if (route.request().method() === "POST") await told;
    await route.continue();
  });
  const name = page.getByRole("form", { name: "기관 등록" }).getByLabel("이름");
  await name.click();
  await page.keyboard.type("연달아 하나");
  await page.keyboard.press("Enter");
  await page.keyboard.type("연달아 둘");
  store();
  await expect(page.getByRole("link", { name: "연달아 하나" })).toBeVisible();
  await expect(name).toHaveValue("연달아 둘");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("link", { name: "연달아 둘" })).toBeVisible();
  await expect(name).toHaveValue("");
});

test("a department shows its people with those of all departments below it", async ({ erp, page }) => {
  const hospital = await makeHospital(erp.admin, "가람의료원");
  await enter(page, erp, `/organizations/${hospital.id}?department=${hospital.departments["내과"]}`);
  const people = page.locator(".people");
  await expect(people.getByText("3명")).toBeVisible();
  await expect(people.getByRole("row", { name: /김하늘/ })).toContainText("심장내과");

  await people.getByLabel("범위").selectOption("이 부서만");
  await expect(people.getByText("1명")).toBeVisible();
  await expect(people.getByRole("row", { name: /박지우/ })).toBeVisible();
  await expect(people.getByRole("row", { name: /김하늘/ })).toBeHidden();
});
