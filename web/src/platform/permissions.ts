import type { Schemas } from "./schema";

export type OwnPermission = Schemas["OwnPermission"];

/**
 * A place in which something is done. Neither: the whole system. `path` is the department with all above it, itself
 * included, as far as they are known.
 */
export interface Place {
  readonly organizationId?: number | null;
  readonly departmentId?: number | null;
  readonly path?: readonly number[];
}

/** Asks about anywhere: whether one may do it at all. */
export const somewhere = Symbol("somewhere");

/**
 * Whether what is held allows something in a place, as far as can be told here. It decides what is shown; the server
 * decides what is done. Where only some department is held and the place's path is not known, it says yes: an attempt
 * that is refused is told, a button that is missing is not.
 */
export function allows(held: readonly OwnPermission[], permission: string, place: Place | typeof somewhere = somewhere): boolean {
  const own = held.find((p) => p.permission === permission);
  if (!own) return false;
  if (own.everywhere || place === somewhere) return true;
  const { organizationId, departmentId, path } = place;
  if (organizationId != null && own.organizations.includes(organizationId)) return true;
  if (departmentId == null) return false;
  if (own.departments.includes(departmentId)) return true;
  return path ? path.some((id) => own.departments.includes(id)) : own.departments.length > 0;
}
