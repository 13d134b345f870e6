import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { makeHospital } from "./hospital";
import { found, tabTo } from "./keys";
import { adminEmail, adminPassword, combobox, enter, expect, test } from "./test";

test("signing in, creating, renaming and moving are done without a mouse", async ({ erp, page }) => {
  const hospital = await makeHospital(erp.admin, "키보드병원");
  await page.goto(`${erp.url}/frontend/organizations`);
  await expect(page.getByLabel("이메일")).toBeFocused();
  await page.keyboard.type(adminEmail);
  await tabTo(page, /^비밀번호$/);
  await page.keyboard.type(adminPassword);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "기관", exact: true })).toBeVisible();

  await tabTo(page, /^이름/);
  await page.keyboard.type("손끝병원");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("link", { name: "손끝병원" })).toBeVisible();

  await tabTo(page, /^키보드병원$/);
  await page.keyboard.press("Enter");
  await tabTo(page, /진료부/);
  const row = (name: string) => page.locator(`[role=treeitem][data-department="${hospital.departments[name]}"]`);
  await expect(row("진료부")).toBeFocused();
  await page.keyboard.press("ArrowLeft"); // folds it, so that the next one is its sibling
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("F2");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("간호본부");
  await page.keyboard.press("Enter");
  const path = `/departments/${hospital.departments["간호부"]}`;
  await expect.poll(async () => (await erp.admin.get<{ name: string }>(path)).name).toBe("간호본부");
  await expect(row("간호부")).toBeFocused();
  await page.keyboard.press("Insert"); // one after the other, without waiting
  for (const name of ["가과", "나과", "다과"]) {
    await page.keyboard.type(name);
    await page.keyboard.press("Enter");
  }
  await expect(page.getByRole("treeitem", { name: "다과" })).toBeVisible();
  await page.keyboard.press("Escape");
  const below = await erp.admin.get<{ name: string }[]>(`/departments/?organization_id=${hospital.id}&parent_id=${hospital.departments["간호부"]}`);
  expect(below.map(({ name }) => name)).toEqual(expect.arrayContaining(["가과", "나과", "다과"]));
  await page.keyboard.press("ArrowLeft"); // to the one that they are in
  await expect(row("간호부")).toBeFocused();

  await page.keyboard.press("Alt+ArrowRight");
  await expect.poll(async () => (await erp.admin.get<{ parent_id: number | null }>(path)).parent_id).toBe(hospital.departments["진료부"]);
});

/** Chooses in a list that is searched. */
async function choose(page: Page, field: RegExp, text: string): Promise<void> {
  await tabTo(page, field);
  await page.keyboard.type(text);
  await found(page, text);
}

test("a role is put together, granted and its grant ended without a mouse", async ({ erp, page }) => {
  const hospital = await makeHospital(erp.admin, "자판병원");
  const person = hospital.people["김하늘"]!;
  await enter(page, erp, "/roles/new");
  await expect(page.getByRole("textbox", { name: "이름", exact: true })).toBeFocused();
  await page.keyboard.type("by-keyboard");
  await tabTo(page, /부서 조회/);
  await page.keyboard.press("Space");
  await tabTo(page, /^(만들기|저장)$/);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "by-keyboard" })).toBeVisible();
  const [role] = await erp.admin.get<{ id: number; permissions: string[] }[]>("/roles/?q=by-keyboard");
  expect(role!.permissions).toEqual(["department.read"]);

  await page.goto(`${erp.url}/frontend/grants`);
  await tabTo(page, /^권한 부여$/); // of the menu
  await tabTo(page, /^권한 부여$/); // the button
  await page.keyboard.press("Enter");
  const drawer = page.getByRole("dialog", { name: "권한 부여" });
  await expect(combobox(drawer, "직원")).toBeFocused();
  await page.keyboard.type(person.email);
  await page.keyboard.press("Enter"); // too early: nobody has been found yet, and nobody else is chosen
  await found(page, person.email);
  await choose(page, /^역할/, "by-keyboard");
  await tabTo(page, /^부서$/); // what is chosen of the places' kinds
  await page.keyboard.press("ArrowUp");
  await expect(drawer.getByRole("radio", { name: "기관" })).toBeChecked();
  await choose(page, /^기관/, "자판병원");
  await tabTo(page, /^부여$/);
  await page.keyboard.press("Enter");
  await expect(drawer).toBeHidden();
  const granted = () => erp.admin.get<{ id: number; organization_id: number }[]>(`/grants/?user_id=${person.id}&role_id=${role!.id}&state=active`);
  expect((await granted())[0]).toMatchObject({ organization_id: hospital.id });

  await page.goto(`${erp.url}/frontend/users/${person.id}`);
  await expect(page.getByRole("button", { name: /종료/ })).toBeVisible();
  await tabTo(page, /종료/);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog").getByRole("textbox")).toBeFocused();
  await page.keyboard.press("Enter"); // once too often
  await expect(page.getByRole("dialog").getByRole("button", { name: "종료" })).toBeFocused();
  expect((await granted()).length).toBe(1);
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.type("다른 부서로 옮김");
  await page.keyboard.press("Enter");
  await expect.poll(async () => (await granted()).length).toBe(0);
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused(); // it was the only one

});

test("the org chart is folded, zoomed and saved without a mouse, and stands alone", async ({ erp, page }) => {
  const hospital = await makeHospital(erp.admin, "그림병원 <&>");
  await enter(page, erp, `/organizations/${hospital.id}?view=chart`);
  const boxes = page.locator(".chart-box");
  await expect(boxes).toHaveCount(22); // the organization and all of its departments
  await tabTo(page, /진료부.*하위|하위.*진료부/);
  const before = await boxes.count();
  await page.keyboard.press("Enter");
  await expect.poll(() => boxes.count()).toBeLessThan(before);
  const scale = () => page.locator(".chart__svg > g").getAttribute("transform");
  const small = await scale();
  await page.keyboard.press("+");
  await expect.poll(scale).not.toBe(small);

  const save = async (name: RegExp) => {
    await page.goto(`${erp.url}/frontend/organizations/${hospital.id}?view=chart`);
    await expect(boxes).toHaveCount(22);
    await tabTo(page, name);
    const [file] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
    return { name: file.suggestedFilename(), content: readFileSync(await file.path()) };
  };
  const svg = await save(/^SVG로 저장$/);
  expect(svg.name).toMatch(/^그림병원.*\.svg$/);
  const text = svg.content.toString("utf8");
  for (const department of Object.keys(hospital.departments)) expect(text).toContain(department);
  expect(text).toContain("그림병원 &#60;&#38;&#62;");
  expect(text.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|href|<script|style=/);
  const png = await save(/^PNG로 저장$/);
  expect(png.name).toMatch(/\.png$/);
  expect([...png.content.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  expect(png.content.readUInt32BE(16)).toBeGreaterThan(1000); // its width in pixels
});
