import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test as base, type BrowserContext, expect, type Locator, type Page } from "@playwright/test";
import type { AxeResults, RunOptions } from "axe-core";
import { Client } from "./client";
import { Server } from "./server";

export const adminEmail = "admin@example.com";
export const adminPassword = "a cat on the roof";

/** A server whose first administrator has a password that tests know. */
export interface Erp {
  readonly server: Server;
  readonly url: string;
  readonly admin: Client;
}

interface Each {
  /** A server of this test's alone, just started for the first time. */
  fresh: Server;
}
interface Shared {
  erp: Erp;
}

/** A test of the console. What a page logs as a fault, or its policy refused, fails the test at its end. */
export const test = base.extend<Each, Shared>({
  erp: [
    async ({}, use) => {
      const server = await Server.start({ ADMIN_EMAIL: adminEmail, ADMIN_PASSWORD: adminPassword, SIGN_IN_ATTEMPTS_PER_ADDRESS: "100000" });
      await use({ server, url: server.url, admin: await Client.signIn(server.url, adminEmail, adminPassword) });
      await server.stop();
    },
    { scope: "worker" },
  ],
  fresh: async ({}, use) => {
    const server = await Server.start();
    await use(server);
    await server.stop();
  },
  context: async ({ context }, use) => {
    const faults = watch(context);
    await use(context);
    expect(faults, "faults on pages").toEqual([]);
  },
});

export { expect } from "@playwright/test";

/** Collects what no page may do; for contexts that a test makes itself, too. */
export function watch(context: BrowserContext): string[] {
  const faults: string[] = [];
  context.on("weberror", (error) => faults.push(String(error.error())));
  context.on("console", (message) => {
    if (/Content.Security.Policy|\[Vue|\[intlify/i.test(message.text())) faults.push(message.text());
  });
  return faults;
}

/** Opens the console as somebody who is signed in. */
export async function enter(page: Page, erp: { url: string }, path = "", email = adminEmail, password = adminPassword): Promise<void> {
  const response = await page.request.post(`${erp.url}/auth/session`, { data: { email, password } });
  expect(response.status(), await response.text()).toBe(200);
  await page.goto(`${erp.url}/frontend${path}`);
  await expect(page.locator("#page-title").first()).toBeVisible();
}

/**
 * The field with this label that chooses from a list; with `chosen`, once a choice that begins so is made. Its accessible name is
 * the label and the choice ("기관: 역할병원"), so a part of the name ("역할") may also match another field.
 */
export function combobox(within: Locator | Page, label: string, chosen?: string): Locator {
  return within.getByRole("combobox", { name: new RegExp(chosen === undefined ? `^${label}(: |$)` : `^${label}: ${chosen}`) });
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const wcag: RunOptions = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] };

/** Holds that axe-core finds no violation of WCAG 2.2, levels A and AA. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe); // over the debugger's line: the page's own policy lets no script in
  const { violations } = await page.evaluate((options) => (window as unknown as { axe: { run: (o: object) => Promise<AxeResults> } }).axe.run(options), wcag as object);
  expect(violations.map((v) => `${v.id}: ${v.help}\n${v.nodes.map((n) => `    ${n.target.join(" ")}  ${n.failureSummary?.replace(/\s+/g, " ")}`).join("\n")}`)).toEqual([]);
}

/** Holds that whatever shows the hand of a mouse is reached by Tab, or is part of what is. */
export async function expectReachable(page: Page): Promise<void> {
  const unreached = await page.evaluate(() => {
    const byKeys = "a[href], button, input, select, textarea, summary, label, [tabindex], [role=option], [role=menuitem]";
    const hands = [...document.querySelectorAll<HTMLElement>("body *")].filter((e) => e.checkVisibility() && ["pointer", "grab"].includes(getComputedStyle(e).cursor));
    return hands.filter((e) => !e.closest(byKeys) && !e.querySelector(byKeys)).map((e) => e.outerHTML.slice(0, 200));
  });
  expect(unreached, "for the mouse alone").toEqual([]);
}

/** Waits until nothing moves, loads or passes by any more. */
export async function settled(page: Page): Promise<void> {
  await expect(page.locator(".el-skeleton")).toHaveCount(0);
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => Promise.all(document.getAnimations().filter((a) => a.effect?.getTiming().iterations !== Infinity).map((a) => a.finished.catch(() => undefined))));
}
