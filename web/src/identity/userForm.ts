import type { Schemas } from "@/platform/schema";
import { orNull } from "@/platform/form";
import type { OwnPermission } from "@/platform/permissions";
import { departmentPlace, organizationPlace, type Place } from "@/platform/place";
import type { Employment } from "./employment";
import type { User } from "./users";

/** A user's fields as the drawer holds them. */
export interface UserValues extends Record<string, unknown> {
  email: string;
  full_name: string;
  employee_number: string;
  organization_id: number | null;
  department_id: number | null;
  employment: Employment;
  joined_on: string;
  left_on: string;
  phone: string;
  job: string;
  title: string;
  position: string;
}

/** The fields that are texts or days, null in the API where they are empty. */
const texts = ["email", "full_name", "employee_number", "joined_on", "left_on", "phone", "job", "title", "position"] as const;

export const emptyUser: UserValues = {
  email: "",
  full_name: "",
  employee_number: "",
  organization_id: null,
  department_id: null,
  employment: "employed",
  joined_on: "",
  left_on: "",
  phone: "",
  job: "",
  title: "",
  position: "",
};

export function valuesOf(user: User): UserValues {
  const { organization_id, department_id, employment } = user;
  return { ...emptyUser, organization_id, department_id, employment, ...Object.fromEntries(texts.map((field) => [field, user[field] ?? ""])) };
}

/** What makes a new user: no password, since a one-time code lets the user choose one that nobody else knows. */
export function creation(values: UserValues): Schemas["CreateUserBody"] {
  return { ...fieldsOf(values), organization_id: values.organization_id, department_id: values.department_id };
}

/** The fields other than the place. */
function fieldsOf(changed: Partial<UserValues>): Partial<Pick<User, (typeof texts)[number] | "employment">> {
  return {
    ...Object.fromEntries(texts.flatMap((field) => (changed[field] === undefined ? [] : [[field, orNull(changed[field])]]))),
    ...(changed.employment !== undefined && { employment: changed.employment }),
  };
}

/** What changes a user: the fields that differ, and the place whole, since a department belongs to one organization. */
export function change(values: UserValues, changed: Partial<UserValues>): Schemas["UpdateUserBody"] {
  const moved = "organization_id" in changed || "department_id" in changed;
  return {
    ...fieldsOf(changed),
    ...(moved && { organization_id: values.organization_id, department_id: values.department_id }),
  };
}

/**
 * Where a new user stands to begin with: where the list is narrowed to, else the one organization in which users may be
 * made, else the own department where that is the one.
 */
export function presetPlace(narrowed: Place, held: readonly OwnPermission[], me: Place | null): Place {
  if (narrowed.organization_id !== null) return narrowed;
  const own = held.find((p) => p.permission === "user.create");
  if (!own || own.everywhere) return narrowed;
  const [organization, ...others] = own.organizations;
  if (organization !== undefined) return others.length > 0 ? narrowed : organizationPlace(organization);
  const [department, ...more] = own.departments;
  if (department === undefined || !me || me.organization_id === null || more.length > 0 || me.department_id !== department) return narrowed;
  return departmentPlace(me.organization_id, department);
}
