import type { Page } from "@playwright/test";
import { makeHospital } from "./hospital";
import { adminEmail, adminPassword, expect, test } from "./test";

/** Goes on by Tab until what has the focus is called that. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const e = document.activeElement as HTMLElement | null;
      const label = e instanceof HTMLInputElement ? (e.labels?.[0]?.textContent ?? "") : "";
      return `${e?.getAttribute("aria-label") ?? ""} ${label} ${e?.textContent ?? ""}`.trim();
    });
    if (name.test(focused)) return;
  }
  throw new Error(`Tab does not lead to ${name}`);
}

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
  await page.keyboard.press("Alt+ArrowRight");
  await expect.poll(async () => (await erp.admin.get<{ parent_id: number | null }>(path)).parent_id).toBe(hospital.departments["진료부"]);
});
