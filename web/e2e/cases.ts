import { expect, type Locator, type Page } from "@playwright/test";
import { type Hospital, makeHospital, password, roles } from "./hospital";
import { adminEmail, type Erp } from "./test";

/** What the views are looked at with. */
export interface Made {
  readonly erp: Erp;
  readonly hospital: Hospital;
  readonly role: number;
  /** Whose password an administrator has given. */
  readonly newcomer: string;
}

/** A view, or what opens in it. */
export interface Case {
  readonly name: string;
  readonly at: string | ((made: Made) => string);
  /** Who looks, in a browser of their own; the administrator, in one for all such cases, where it is not given. */
  readonly by?: "nobody" | ((made: Made) => string);
  /** What is done before it is looked at, in either language. */
  readonly then?: (page: Page, made: Made) => Promise<void>;
  /** It is seen while it loads. */
  readonly loads?: boolean;
}

let made: Made | null = null;

/** A hospital that looks lived in, once for each worker. */
export async function prepare(erp: Erp): Promise<Made> {
  if (made) return made;
  const hospital = await makeHospital(erp.admin, "한빛대학교병원");
  await erp.admin.post("/organizations/", { name: "가온의료재단", description: "요양병원과 재활센터를 운영합니다" });
  await erp.admin.post("/organizations/", { name: "서울시립 늘푸른병원" });
  const { id: role } = await erp.admin.post("/roles/", {
    name: "ward-clerk",
    description: "병동 인력을 관리합니다",
    permissions: ["department.read", "organization.read", "user.read"],
  });
  await erp.admin.put(`/roles/${role}`, { permissions: ["department.read", "organization.read", "user.read", "user.update"] });
  await erp.admin.put(`/departments/${hospital.departments["내과"]}`, { code: "IM" });
  const grant = (person: string, body: object) => erp.admin.post("/grants/", { user_id: hospital.people[person]!.id, ...body });
  await grant("김하늘", { role_id: roles.member, department_id: hospital.departments["심장내과"], reason: "심장내과 근무" });
  await grant("박지우", { role_id: roles.organizationAdministrator, department_id: hospital.departments["내과"], valid_until: "2027-12-31T15:00:00Z", reason: "내과 과장 직무대행" });
  await grant("최민서", { role_id: role, department_id: hospital.departments["51병동"], reason: "51병동 담당" });
  await grant("강예린", { role_id: roles.auditor, organization_id: hospital.id, reason: "정보보호 점검" });
  const newcomer = "newly@hanbit.example";
  const { id } = await erp.admin.post("/users/", { email: newcomer, full_name: "서지안", password: `${password}!` });
  await erp.admin.put(`/users/${id}`, { password });
  return (made = { erp, hospital, role, newcomer });
}

const drawer = (page: Page) => page.getByRole("dialog");

async function press(within: Page | Locator, name: RegExp): Promise<void> {
  await within.getByRole("button", { name }).first().click();
}

const edit = /^(수정|Edit)$/;
const save = /^(저장|만들기|부여|Save|Create|Grant)$/;
const cancel = /^(취소|Cancel)$/;
const remove = /^(삭제|Delete)$/;
const create = /^(기관 등록|직원 등록|New organization|New user)$/;

/** Opens the drawer of a new one and lets it be refused. */
async function refused(page: Page, opens: RegExp): Promise<void> {
  await press(page, opens);
  await press(drawer(page), save);
  await expect(drawer(page).locator("[aria-invalid=true]").first()).toBeFocused();
}

async function openHistory(page: Page): Promise<void> {
  await page.locator("summary", { hasText: /^(이력|History)$/ }).click();
}

const departmentsOf = ({ hospital }: Made) => `/organizations/${hospital.id}?department=${hospital.departments["내과"]}`;
const userOf = ({ hospital }: Made) => `/users/${hospital.people["박지우"]!.id}`;

const views: readonly Case[] = [
  { name: "sign-in", at: "/sign-in", by: "nobody" },
  { name: "password-reset", at: "/password-reset", by: "nobody" },
  { name: "first-password", at: "/", by: ({ newcomer }) => newcomer },
  { name: "home", at: "/" },
  { name: "organizations", at: "/organizations" },
  { name: "nowhere", at: "/nowhere" },
  { name: "account", at: "/account" },
  { name: "users", at: "/users" },
  { name: "users-filtered", at: ({ hospital }) => `/users?organization_id=${hospital.id}&is_active=true` },
  { name: "users-none", at: "/users?q=nobody" },
  { name: "user", at: userOf },
  { name: "user-sessions", at: (made) => `${userOf(made)}?tab=sessions` },
  { name: "user-sign-ins", at: (made) => `${userOf(made)}?tab=sign-ins` },
  { name: "user-history", at: (made) => `${userOf(made)}?tab=history` },
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
  { name: "departments", at: departmentsOf },
  { name: "chart", at: ({ hospital }) => `/organizations/${hospital.id}?view=chart` },
];

const opened: readonly Case[] = [
  { name: "account-menu", at: "/", then: (page) => press(page, /admin/) },
  {
    name: "menu",
    at: "/",
    then: async (page) => {
      const menu = page.getByRole("button", { name: /^(메뉴|Menu)$/ });
      if (await menu.isVisible()) await menu.click(); // on small screens
    },
  },
  { name: "organization-refused", at: "/organizations", then: (page) => refused(page, create) },
  {
    name: "organization-conflict",
    at: "/organizations?q=가온",
    then: async (page, { erp }) => {
      const [{ id }] = (await erp.admin.get<{ id: number }[]>("/organizations/?q=가온")) as [{ id: number }];
      await press(page.locator("tbody"), edit);
      await drawer(page).getByRole("textbox").last().fill("요양병원, 재활센터, 방문간호");
      await erp.admin.put(`/organizations/${id}`, { description: `요양병원과 재활센터를 운영합니다 (${Date.now()})` });
      await press(drawer(page), save);
      await expect(drawer(page).getByRole("table")).toBeVisible();
    },
  },
  {
    name: "organization-in-use",
    at: "/organizations?q=한빛",
    then: async (page) => {
      await press(page, remove);
      await press(drawer(page), remove);
      await expect(drawer(page).getByRole("alert")).toBeVisible();
    },
  },
  {
    name: "unsaved",
    at: "/organizations?q=가온",
    then: async (page) => {
      await press(page.locator("tbody"), edit);
      await drawer(page).getByRole("textbox").first().fill("가온");
      await press(drawer(page), cancel);
      await expect(drawer(page)).toHaveCount(2);
    },
  },
  {
    name: "department-named",
    at: departmentsOf,
    then: async (page) => {
      await page.getByRole("treeitem", { name: "내과" }).first().focus();
      await page.keyboard.press("Insert");
      await expect(page.getByRole("tree").getByRole("textbox")).toBeFocused();
    },
  },
  {
    name: "department-moved",
    at: departmentsOf,
    then: async (page) => {
      await press(page, /^(옮기기…|Move…)$/);
      await drawer(page).getByRole("radio").last().check();
      await expect(drawer(page).getByRole("combobox").first()).toBeVisible();
    },
  },
  {
    name: "organization-history",
    at: ({ hospital }) => `/organizations/${hospital.id}?view=history`,
    then: (page) => page.getByRole("main").getByRole("checkbox").check(),
  },
  { name: "department-history", at: departmentsOf, then: openHistory },
  { name: "role-history", at: ({ role }) => `/roles/${role}`, then: openHistory },
  { name: "user-refused", at: "/users", then: (page) => refused(page, create) },
  {
    name: "user-choosing",
    at: "/users",
    then: async (page) => {
      await press(page, create);
      await drawer(page).getByRole("combobox").first().click();
      await expect(page.getByRole("listbox").getByRole("option").first()).toBeVisible();
    },
  },
  { name: "user-more", at: userOf, then: (page) => press(page, /^(더 보기|More)$/) },
  {
    name: "user-code",
    at: userOf,
    then: async (page) => {
      await press(page, /^(비밀번호 재설정|Reset password)$/);
      await press(drawer(page), /^(코드 만들기|Create code)$/);
      await expect(drawer(page).locator("code").first()).toBeVisible();
    },
  },
  {
    name: "role-changed",
    at: ({ role }) => `/roles/${role}`,
    then: async (page) => {
      await page.getByRole("checkbox", { checked: false }).last().check();
      await page.getByRole("checkbox", { checked: true }).first().uncheck();
    },
  },
  { name: "grant-refused", at: "/grants", then: (page) => refused(page, /^(권한 부여|Grant a role)$/) },
  {
    name: "grant-details",
    at: "/grants",
    then: async (page) => {
      await press(page, /^(자세히|Details)/);
      await expect(drawer(page)).toBeVisible();
    },
  },
  {
    name: "grant-ended",
    at: userOf,
    then: async (page) => {
      await press(page, /^(종료|End)/);
      await expect(drawer(page).getByRole("textbox")).toBeFocused();
    },
  },
  {
    name: "signed-out",
    at: "/organizations",
    by: () => adminEmail,
    then: async (page) => {
      await page.context().clearCookies();
      await press(page, /^(기관 등록|New organization)$/);
      await drawer(page).getByRole("textbox").first().fill("가온의료재단");
      await press(drawer(page), save);
      await expect(page.locator("input[type=password]")).toBeFocused();
    },
  },
  {
    name: "unreachable",
    at: "/users",
    then: async (page) => {
      await page.route(/\/(users\?.*limit=|readyz)/, (route) => route.abort("connectionrefused"));
      await page.reload();
      await expect(page.getByRole("alert")).toBeVisible();
    },
  },
  {
    name: "loading",
    at: "/users",
    loads: true,
    then: async (page) => {
      await page.route(/\/users\?.*limit=/, () => undefined); // which is never answered
      await page.reload();
      await expect(page.locator(".el-skeleton").first()).toBeVisible();
    },
  },
];

export const cases: readonly Case[] = [...views, ...opened];
