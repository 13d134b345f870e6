import type { Schemas } from "@/platform/schema";
import { orNull } from "@/platform/form";
import type { OwnPermission } from "@/platform/permissions";
import { departmentPlace, organizationPlace, type Place } from "@/platform/place";
import type { User } from "./users";

/** A user's fields as the drawer holds them. */
export interface UserValues extends Record<string, unknown> {
  email: string;
  full_name: string;
  organization_id: number | null;
  department_id: number | null;
}

export const emptyUser: UserValues = { email: "", full_name: "", organization_id: null, department_id: null };

export function valuesOf(user: User): UserValues {
  const { email, full_name, organization_id, department_id } = user;
  return { email, full_name: full_name ?? "", organization_id, department_id };
}

/** What makes a new user: no password, since a one-time code lets the user choose one that nobody else knows. */
export function creation(values: UserValues): Schemas["CreateUserBody"] {
  return { email: values.email, full_name: orNull(values.full_name), organization_id: values.organization_id, department_id: values.department_id };
}

/** What changes a user: the fields that differ, and the place whole, since a department belongs to one organization. */
export function change(values: UserValues, changed: Partial<UserValues>): Schemas["UpdateUserBody"] {
  const moved = "organization_id" in changed || "department_id" in changed;
  return {
    ...(changed.email !== undefined && { email: changed.email }),
    ...(changed.full_name !== undefined && { full_name: orNull(changed.full_name) }),
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
