import type { Page } from "@playwright/test";
import { makeHospital } from "./hospital";
import { combobox, enter, expect, test } from "./test";

const drawer = (page: Page) => page.getByRole("dialog");
const organization = (page: Page, chosen?: string) => combobox(drawer(page), "기관", chosen);
const options = (page: Page) => page.getByRole("listbox").getByRole("option");

/** Has the answers of the server, to searches or at `url`, wait until they are released. */
async function hold(page: Page, url = /\/organizations\?.*q=/): Promise<() => Promise<void>> {
  let go = () => {};
  const told = new Promise<void>((resolve) => (go = resolve));
  await page.route(url, async (route) => {
    await told;
    await route.continue();
  });
  return async () => {
    go();
    await page.waitForLoadState("networkidle");
  };
}

/** Types as an input method does: each text takes the place of the one before, and none is ended. */
async function compose(page: Page, ...texts: string[]): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  for (const text of texts) await devtools.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
}

test("a list is searched while a syllable is composed, and what is composed is not lost to Escape", async ({ erp, page }) => {
  await erp.admin.post("/organizations/", { name: "조합한의원" });
  await enter(page, erp, "/organizations");
  await page.getByRole("searchbox").click();
  await compose(page, "조", "좋", "조");
  await expect(page.getByRole("row", { name: /조합한의원/ })).toBeVisible();
  await expect(page).toHaveURL(/q=%EC%A1%B0/);

  await page.getByRole("button", { name: "기관 등록" }).first().click();
  await drawer(page).getByLabel("이름").click();
  await compose(page, "한", "한의");
  await page.getByRole("dialog").getByLabel("이름").evaluate((field) => field.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", code: "Escape", isComposing: true, bubbles: true })));
  await expect(drawer(page).getByLabel("이름")).toHaveValue("한의");
  await drawer(page).getByRole("button", { name: "취소" }).click();
  await expect(page.getByText("저장하지 않은 내용이 있습니다")).toBeVisible();
});

test("whoever types and does not wait for the answer gets what was meant, or is told", async ({ erp, page }) => {
  await makeHospital(erp.admin, "고르기병원");
  await erp.admin.post("/organizations/", { name: "나란히의료원 1" });
  await erp.admin.post("/organizations/", { name: "나란히의료원 2" });
  await enter(page, erp, "/users");
  await page.getByRole("button", { name: "직원 등록" }).click();
  const field = organization(page);

  await test.step("Tab chooses the only one, once it is found", async () => {
    const answer = await hold(page);
    await field.click();
    await page.keyboard.type("고르기");
    await page.keyboard.press("Tab");
    await expect(drawer(page).getByText("‘고르기’: 목록에서 하나를 고르세요.")).toBeVisible();
    await expect(options(page)).toHaveCount(0);
    await answer();
    await expect(organization(page, "고르기병원")).toBeVisible();
    await expect(drawer(page).getByText("목록에서 하나를")).toHaveCount(0);
    await page.unrouteAll();
  });

  await test.step("Enter does so too", async () => {
    await field.click();
    await page.keyboard.press("Delete");
    const answer = await hold(page);
    await page.keyboard.type("고르기병");
    await page.keyboard.press("Enter");
    await expect(organization(page, "")).toHaveCount(0);
    await answer();
    await expect(organization(page, "고르기병원")).toBeVisible();
    await page.unrouteAll();
  });

  await test.step("of several, none is chosen, and nothing is stored before that is clear", async () => {
    await drawer(page).getByLabel("이메일").fill("chooses@example.com");
    await field.click();
    await page.keyboard.press("Delete");
    await page.keyboard.type("나란히");
    await page.keyboard.press("Tab");
    await drawer(page).getByRole("button", { name: "만들기" }).click();
    await expect(field).toBeFocused();
    await expect(drawer(page).getByText("‘나란히’: 목록에서 하나를 고르세요.")).toBeVisible();
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await page.keyboard.type("나란히의료원");
    await expect(options(page)).toHaveCount(2);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect(organization(page, "나란히의료원 2")).toBeVisible();
  });

  await test.step("a mouse chooses as ever, and what was typed is given up by Escape", async () => {
    const answer = await hold(page);
    await field.click();
    await page.keyboard.type("나란");
    await options(page).filter({ hasText: "나란히의료원 1" }).click(); // of the list before
    await answer();
    await page.unrouteAll();
    await expect(organization(page, "나란히의료원 1")).toBeVisible();
    await field.click();
    await page.keyboard.type("고르기");
    await expect(options(page)).toHaveCount(1);
    await page.keyboard.press("Escape"); // the text
    await page.keyboard.press("Escape"); // the list
    await page.keyboard.press("Tab");
    await expect(organization(page, "나란히의료원 1")).toBeVisible();
    await expect(drawer(page).getByText("목록에서 하나를")).toHaveCount(0);
  });

  await test.step("a syllable is searched for while it is composed", async () => {
    await field.click();
    await compose(page, "ㄱ", "고", "곧");
    await expect(options(page)).toHaveCount(0);
    await compose(page, "고");
    await expect(options(page)).toHaveText(["고르기병원"]);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await expect(drawer(page)).toBeVisible();
  });

  await drawer(page).getByRole("button", { name: "만들기" }).click();
  await expect(drawer(page).getByRole("button", { name: "코드 만들기" })).toBeVisible();
  const [user] = await erp.admin.get<{ organization_id: number }[]>("/users/?q=chooses@example.com");
  const [chosen] = await erp.admin.get<{ id: number }[]>(`/organizations/?q=${encodeURIComponent("나란히의료원 1")}`);
  expect(user!.organization_id).toBe(chosen!.id);
});

test("what is typed while the place of a user is loaded is what is chosen", async ({ erp, page }) => {
  const hospital = await makeHospital(erp.admin, "역할을채우는병원");
  const { id } = hospital.people["박지우"]!;
  await erp.admin.post("/organizations/", { name: "빠른손의원" });
  await enter(page, erp);

  const answer = await hold(page, new RegExp(`/users/${id}$`));
  await page.goto(`${erp.url}/frontend/grants?new=1&user_id=${id}`);
  await organization(page).click();
  await page.keyboard.type("빠른손");
  await expect(options(page)).toHaveText(["빠른손의원"]);
  await answer();
  await page.unrouteAll();
  await expect(combobox(drawer(page), "직원", "박지우")).toBeVisible();
  await expect(organization(page)).toHaveValue("빠른손");
  await page.keyboard.press("Tab");
  await expect(organization(page, "빠른손의원")).toBeVisible();
  await expect(combobox(drawer(page), "부서", "")).toHaveCount(0); // the user's department is of another organization

  const later = await hold(page, new RegExp(`/users/${id}$`));
  await page.goto(`${erp.url}/frontend/grants?new=1&user_id=${id}`);
  await combobox(drawer(page), "역할").click();
  await page.keyboard.type("auditor");
  await later();
  await expect(organization(page, "역할을채우는병원")).toBeVisible();
  await expect(combobox(drawer(page), "역할")).toHaveValue("auditor");
});
