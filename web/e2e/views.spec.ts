import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "@playwright/test";
import { type Hospital, makeHospital, roles } from "./hospital";
import { adminEmail, adminPassword, enter, type Erp, expect, expectAccessible, settled, test, watch } from "./test";

// Every view as people see it: light, dark and on a small screen, in both languages. axe-core looks at each, and the pictures
// are in web/screenshots, for people to look at.
const pictures = fileURLToPath(new URL("../screenshots/", import.meta.url));
mkdirSync(pictures, { recursive: true });

// README's, written where ERP_WRITE_DOCS is set.
const readme = ["departments", "why"];
const images = fileURLToPath(new URL("../../docs/images/", import.meta.url));

const looks = {
  light: { locale: "ko-KR", colorScheme: "light", viewport: { width: 1280, height: 800 } },
  dark: { locale: "ko-KR", colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  narrow: { locale: "ko-KR", colorScheme: "light", viewport: { width: 360, height: 740 } },
  english: { locale: "en-GB", colorScheme: "light", viewport: { width: 1280, height: 800 } },
} as const;

interface Case {
  readonly name: string;
  /** Where it is; a function of what was made. */
  readonly at: string | ((made: Made) => string);
  /** What is done before it is looked at. Buttons are found by what does not depend on the language. */
  readonly then?: (page: Page, made: Made) => Promise<void>;
  /** Looked at by whoever is not signed in. */
  readonly outside?: boolean;
}

interface Made {
  readonly hospital: Hospital;
  readonly role: number;
}

const cases: readonly Case[] = [
  { name: "sign-in", at: "/sign-in", outside: true },
  { name: "password-reset", at: "/password-reset", outside: true },
  { name: "home", at: "/" },
  { name: "organizations", at: "/organizations" },
  { name: "nowhere", at: "/nowhere" },
  { name: "account", at: "/account" },
  { name: "users", at: "/users" },
  { name: "users-filtered", at: ({ hospital }) => `/users?organization_id=${hospital.id}&is_active=true` },
  { name: "user", at: ({ hospital }) => `/users/${hospital.people["박지우"]!.id}` },
  { name: "user-unknown", at: "/users/999999" },
  { name: "roles", at: "/roles" },
  { name: "role", at: ({ role }) => `/roles/${role}` },
  { name: "role-built-in", at: "/roles/2" },
  { name: "role-new", at: "/roles/new" },
  { name: "grants", at: "/grants" },
  { name: "grants-nonsense", at: "/grants?at=nonsense" },
  { name: "grants-covering", at: ({ hospital }) => `/grants?organization_id=${hospital.id}&department_id=${hospital.departments["심장내과"]}&covering=true&permission=user.read` },
  { name: "why-asked", at: "/why" },
  { name: "why", at: ({ hospital }) => `/why?user_id=${hospital.people["김하늘"]!.id}&permission=user.read&organization_id=${hospital.id}&department_id=${hospital.departments["심장내과"]}` },
  { name: "why-not", at: ({ hospital }) => `/why?user_id=${hospital.people["김하늘"]!.id}&permission=department.delete&organization_id=${hospital.id}&department_id=${hospital.departments["심장내과"]}` },
  { name: "departments", at: ({ hospital }) => `/organizations/${hospital.id}?department=${hospital.departments["내과"]}` },
  { name: "chart", at: ({ hospital }) => `/organizations/${hospital.id}?view=chart` },
];

let made: Made | null = null;

/** A hospital that looks lived in, once for each worker. */
async function prepare(erp: Erp): Promise<Made> {
  if (made) return made;
  const hospital = await makeHospital(erp.admin, "한빛대학교병원");
  await erp.admin.post("/organizations/", { name: "가온의료재단", description: "요양병원과 재활센터를 운영합니다" });
  await erp.admin.post("/organizations/", { name: "서울시립 늘푸른병원" });
  const { id: role } = await erp.admin.post("/roles/", {
    name: "ward-clerk",
    description: "병동 인력을 관리합니다",
    permissions: ["department.read", "organization.read", "user.read", "user.update"],
  });
  const grant = (person: string, body: object) => erp.admin.post("/grants/", { user_id: hospital.people[person]!.id, ...body });
  await grant("김하늘", { role_id: roles.member, department_id: hospital.departments["심장내과"], reason: "심장내과 근무" });
  await grant("박지우", { role_id: roles.organizationAdministrator, department_id: hospital.departments["내과"], valid_until: "2027-12-31T15:00:00Z", reason: "내과 과장 직무대행" });
  await grant("최민서", { role_id: role, department_id: hospital.departments["51병동"], reason: "51병동 담당" });
  await grant("강예린", { role_id: roles.auditor, organization_id: hospital.id, reason: "정보보호 점검" });
  return (made = { hospital, role });
}

for (const [look, options] of Object.entries(looks)) {
  test(`every view is accessible and nothing is cut off: ${look}`, async ({ erp, browser }) => {
    test.setTimeout(300_000);
    const everything = await prepare(erp);
    for (const one of cases) await test.step(one.name, () => see(browser, erp, one, everything, look, options));
  });
}

async function see(browser: Browser, erp: Erp, one: Case, everything: Made, look: string, options: (typeof looks)[keyof typeof looks]): Promise<void> {
  const context = await browser.newContext({ ...options, timezoneId: "Asia/Seoul", reducedMotion: "reduce" });
  const faults = watch(context);
  const page = await context.newPage();
  const at = typeof one.at === "string" ? one.at : one.at(everything);
  if (one.outside) await page.goto(`${erp.url}/frontend${at}`);
  else await enter(page, erp, at, adminEmail, adminPassword);
  await settled(page);
  await one.then?.(page, everything);
  await settled(page);
  if (look === "light" && readme.includes(one.name) && process.env.ERP_WRITE_DOCS) await page.screenshot({ path: `${images}${one.name}.png`, animations: "disabled" });
  await page.screenshot({ path: `${pictures}${one.name}-${look}.png`, fullPage: true, animations: "disabled" });
  await expectAccessible(page);
  const [content, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(content, `${one.name} is wider than the screen`).toBeLessThanOrEqual(width!);
  expect(faults).toEqual([]);
  await context.close();
}
