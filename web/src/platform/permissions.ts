import type { KnownPlace } from "./place";
import type { Schemas } from "./schema";

export type OwnPermission = Schemas["OwnPermission"];

/** Any place: whether the user has the permission at all. */
export const somewhere = Symbol("somewhere");

/**
 * Whether the held permissions allow something at a place, as far as the console knows. It decides what is shown; the server
 * decides what is done. If the permission is held only for a department and the place's path is unknown, it is true: a refused
 * attempt is explained, a missing button is not.
 */
export function allows(held: readonly OwnPermission[], permission: string, place: KnownPlace | typeof somewhere = somewhere): boolean {
  const own = held.find((p) => p.permission === permission);
  if (!own) return false;
  if (own.everywhere || place === somewhere) return true;
  const { organization_id, department_id, path } = place;
  if (organization_id !== null && own.organizations.includes(organization_id)) return true;
  if (department_id === null) return false;
  if (own.departments.includes(department_id)) return true;
  return path ? path.some((id) => own.departments.includes(id)) : own.departments.length > 0;
}
