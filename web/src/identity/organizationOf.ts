import type { LocationQuery } from "vue-router";

/** The organization of the employee numbers that are typed on a page, as its address names it: `?organization=3`. Null for any. */
export function organizationOf({ organization }: LocationQuery): number | null {
  return typeof organization === "string" && /^[1-9]\d{0,14}$/.test(organization) ? Number(organization) : null;
}
