import { expect, type Page } from "@playwright/test";

/** Goes on by Tab until what has the focus is called that. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const e = document.activeElement as HTMLElement | null;
      const label = e instanceof HTMLInputElement || e instanceof HTMLTextAreaElement ? e.labels?.[0]?.textContent : undefined;
      return (e?.getAttribute("aria-label") ?? label ?? e?.textContent ?? "").replace("*", "").trim();
    });
    if (name.test(focused)) return;
  }
  throw new Error(`Tab does not lead to ${name}`);
}

/** Goes on to what is called that, and presses Enter there. */
export async function press(page: Page, name: RegExp): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press("Enter");
}

/** Takes the only one that a search found. */
export async function found(page: Page, text: string): Promise<void> {
  const options = page.getByRole("listbox").getByRole("option");
  await expect(options).toHaveCount(1);
  await expect(options).toContainText(text);
  await page.keyboard.press("Enter");
  await expect(options).toHaveCount(0);
}

/** Goes on by the arrows to an entry of the menu that opens, and presses Enter there. */
export async function choose(page: Page, name: string): Promise<void> {
  const entries = page.getByRole("menuitem");
  await expect(entries.first()).toBeFocused();
  const names = await entries.allInnerTexts();
  for (let at = 0; at < names.indexOf(name); at++) await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("menuitem", { name })).toBeFocused();
  await page.keyboard.press("Enter");
}
