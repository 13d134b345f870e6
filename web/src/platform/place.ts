/** Where something belongs or holds: an organization, one of its departments, or, with neither, the whole system. */
export interface Place {
  readonly organization_id: number | null;
  readonly department_id: number | null;
}

/** How wide a place is. */
export type Level = "system" | "organization" | "department";

export const wholeSystem: Place = { organization_id: null, department_id: null };

export function organizationPlace(organization_id: number): Place {
  return { organization_id, department_id: null };
}

export function departmentPlace(organization_id: number, department_id: number): Place {
  return { organization_id, department_id };
}

/** A place with the way to it, as far as that is known: its department and all above it. */
export interface KnownPlace extends Place {
  readonly path?: readonly number[] | undefined;
}
