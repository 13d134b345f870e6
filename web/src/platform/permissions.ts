import type { KnownPlace } from "./place";
import type { Schemas } from "./schema";

export type OwnPermission = Schemas["OwnPermission"];

/** Asks about anywhere: whether one may do it at all. */
export const somewhere = Symbol("somewhere");

/**
 * Whether what is held allows something in a place, as far as can be told here. It decides what is shown; the server
 * decides what is done. Where only some department is held and the place's path is not known, it says yes: an attempt
 * that is refused is told, a button that is missing is not.
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
