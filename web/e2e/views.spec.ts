import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { type Case, cases, type Made, prepare } from "./cases";
import { password } from "./hospital";
import { adminEmail, adminPassword, enter, expect, expectAccessible, expectReachable, settled, test, watch } from "./test";

// Every view as people see it: light, dark and on a small screen, in both languages. axe-core looks at each, and the pictures
// are in web/screenshots, for people to look at.
const pictures = fileURLToPath(new URL("../screenshots/", import.meta.url));
mkdirSync(pictures, { recursive: true });

// README's pictures, in its two languages, written where ERP_WRITE_DOCS is set.
const readme = ["departments", "why"];
const languages: Record<string, string> = { light: "ko", english: "en" };
const images = fileURLToPath(new URL("../../docs/images/", import.meta.url));

const looks = {
  light: { locale: "ko-KR", colorScheme: "light", viewport: { width: 1280, height: 800 } },
  dark: { locale: "ko-KR", colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  narrow: { locale: "ko-KR", colorScheme: "light", viewport: { width: 360, height: 740 } },
  english: { locale: "en-GB", colorScheme: "light", viewport: { width: 1280, height: 800 } },
} as const;

test.describe.configure({ mode: "parallel" }); // each look on its own

for (const [look, options] of Object.entries(looks)) {
  test(`every view is accessible, and nothing in it is cut off or for the mouse alone: ${look}`, async ({ erp, browser }) => {
    test.setTimeout(300_000);
    const made = await prepare(erp);
    const open = async () => {
      const context = await browser.newContext({ ...options, timezoneId: "Asia/Seoul", reducedMotion: "reduce" });
      const page = await context.newPage();
      page.on("dialog", (asked) => asked.accept()); // what was typed is left behind
      return { context, page, faults: watch(context) };
    };
    const administrator = await open();
    await enter(administrator.page, erp);
    for (const one of cases) {
      await test.step(one.name, async () => {
        const { context, page, faults } = one.by ? await open() : administrator;
        await see(page, one, made, look);
        expect(faults).toEqual([]);
        if (one.by) await context.close();
        else await page.unrouteAll();
      });
    }
    await administrator.context.close();
  });
}

async function see(page: Page, one: Case, made: Made, look: string): Promise<void> {
  const at = typeof one.at === "string" ? one.at : one.at(made);
  if (typeof one.by === "function") {
    const email = one.by(made);
    await enter(page, made.erp, at, email, email === adminEmail ? adminPassword : password);
  } else await page.goto(`${made.erp.url}/frontend${at}`);
  await settled(page);
  await one.then?.(page, made);
  if (!one.loads) await settled(page);
  const language = languages[look];
  if (language && readme.includes(one.name) && process.env.ERP_WRITE_DOCS) await page.screenshot({ path: `${images}${one.name}.${language}.png`, animations: "disabled" });
  await page.screenshot({ path: `${pictures}${one.name}-${look}.png`, fullPage: true, animations: "disabled" });
  await expectAccessible(page);
  await expectReachable(page);
  const [content, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(content, `${one.name} is wider than the screen`).toBeLessThanOrEqual(width!);
}
