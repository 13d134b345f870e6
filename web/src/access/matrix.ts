import type { Schemas } from "@/platform/schema";

export type Permission = Schemas["Permission"];

/** The permissions about one kind of thing. */
export interface Group {
  /** What stands before the dot in the permissions' names. */
  readonly object: string;
  readonly permissions: readonly Permission[];
}

/** What was given and what was taken, both by name. */
export interface Changes {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

const firstObjects = ["organization", "department", "user", "session", "role", "grant"];
const firstVerbs = ["read", "create", "update", "move"];

export function objectOf(permission: string): string {
  return permission.split(".", 1)[0] ?? permission;
}

/**
 * All permissions by what they are about: what every installation has first, later modules' by their names. In each, first
 * to see, then to make and to change, to delete at the end.
 */
export function groupsOf(permissions: readonly Permission[]): Group[] {
  const byObject = new Map<string, Permission[]>();
  for (const permission of permissions) {
    const object = objectOf(permission.name);
    byObject.set(object, [...(byObject.get(object) ?? []), permission]);
  }
  return [...byObject]
    .sort(([a], [b]) => rank(firstObjects, a) - rank(firstObjects, b) || compare(a, b))
    .map(([object, own]) => ({ object, permissions: own.sort((a, b) => verbRank(a.name) - verbRank(b.name) || compare(a.name, b.name)) }));
}

/** The groups with those permissions alone that `keeps` says; a group that has none is left out. */
export function narrow(groups: readonly Group[], keeps: (permission: Permission) => boolean): Group[] {
  return groups.map((g) => ({ ...g, permissions: g.permissions.filter(keeps) })).filter((g) => g.permissions.length > 0);
}

/** The groups in columns of about the same length; read row by row they keep their order. */
export function inColumns(groups: readonly Group[], number: number): Group[][] {
  const columns = Array.from({ length: number }, () => ({ rows: 0, groups: [] as Group[] }));
  for (const group of groups) {
    const shortest = columns.reduce((least, column) => (column.rows < least.rows ? column : least));
    shortest.groups.push(group);
    shortest.rows += group.permissions.length + 1; // and its head
  }
  return columns.map((column) => column.groups);
}

/** How many of some are chosen. */
export function chosenOf(names: readonly string[], chosen: readonly string[]): "all" | "some" | "none" {
  const number = names.filter((name) => chosen.includes(name)).length;
  if (number === 0) return "none";
  return number === names.length ? "all" : "some";
}

/** The selection with these names added or removed, in a fixed order, so that equal selections compare equal. */
export function choose(chosen: readonly string[], names: readonly string[], on: boolean): string[] {
  const rest = chosen.filter((name) => !names.includes(name));
  return inOrder(on ? [...rest, ...names] : rest);
}

export function inOrder(names: readonly string[]): string[] {
  return [...new Set(names)].sort(compare);
}

/**
 * The permissions of a role that have an effect when it is granted for a level, and those that have none there, since they
 * exist only for wider levels. `level` is "system", "organization" or "department".
 */
export function permissionsAt(role: readonly string[], all: readonly Permission[], level: string): { held: readonly string[]; left: readonly string[] } {
  const held = all.filter((p) => role.includes(p.name) && p.scopes.includes(level)).map((p) => p.name);
  const left = all.filter((p) => role.includes(p.name) && !p.scopes.includes(level)).map((p) => p.name);
  return { held, left };
}

export function changesOf(before: readonly string[], after: readonly string[]): Changes {
  return { added: after.filter((name) => !before.includes(name)), removed: before.filter((name) => !after.includes(name)) };
}

function rank(order: readonly string[], name: string): number {
  const index = order.indexOf(name);
  return index < 0 ? order.length : index;
}

function verbRank(permission: string): number {
  const verb = permission.slice(permission.indexOf(".") + 1);
  return verb === "delete" ? firstVerbs.length + 1 : rank(firstVerbs, verb);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
