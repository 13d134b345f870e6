import { watch } from "vue";
import { userById } from "@/identity/users";
import { departmentById } from "@/organization/departments";
import type { Level, Place } from "@/platform/place";

/** A place as it is chosen: how wide it is, and what was chosen for each width. */
export interface Chosen extends Place {
  readonly level: Level;
}

/** The place that is meant: what was chosen for a narrower one does not count. */
export function chosenPlace({ level, organization_id, department_id }: Chosen): Place {
  return { organization_id: level === "system" ? null : organization_id, department_id: level === "department" ? department_id : null };
}

/** Whether a place is chosen that is as narrow as is meant. */
export function isPlaced({ level, organization_id, department_id }: Chosen): boolean {
  return level === "system" || (level === "organization" ? organization_id : department_id) !== null;
}

/** A place that nobody chose: it was filled in for a user. `before` is the level that stood there. */
export interface Suggestion {
  readonly place: Chosen;
  readonly before: Level;
}

/** Fills in where a user is; null where something else was chosen. A level that was chosen stays. */
export function suggest(now: Chosen, user: Place, levels: readonly Level[]): Suggestion | null {
  if (now.organization_id !== null || now.department_id !== null || user.organization_id === null) return null;
  const widens = now.level === "department" && user.department_id === null && levels.includes("organization");
  return { place: { level: widens ? "organization" : now.level, organization_id: user.organization_id, department_id: user.department_id }, before: now.level };
}

/** What is chosen without what was filled in; null where that is no longer there as it was. */
export function withdraw(now: Chosen, { place, before }: Suggestion): Chosen | null {
  if (now.organization_id !== place.organization_id || now.department_id !== place.department_id) return null;
  return { level: now.level === place.level ? before : now.level, organization_id: null, department_id: null };
}

/**
 * Fills in the place of the user that is chosen in a form, since most grants and most questions are about where their user is.
 * Another user replaces it, as long as it is the one that was filled in. `change` runs the function that fills it in.
 * After `takeOver` the place counts as chosen: nothing is filled in for this user any more.
 */
export function useUsersPlace(
  chosen: { user_id: number | null; level: Level; organization_id: number | null; department_id: number | null },
  levels: () => readonly Level[],
  change: (fill: () => void) => void = (fill) => fill(),
): { readonly takeOver: () => void } {
  let suggestion: Suggestion | null = null;
  let loads = 0; // counts the users that were loaded: what came too late, or after takeOver, is not filled in

  watch(
    () => chosen.user_id,
    async (id) => {
      const without = suggestion && withdraw(chosen, suggestion);
      suggestion = null;
      const load = ++loads;
      if (without) change(() => Object.assign(chosen, without)); // at once: it is of another user
      const user = id === null ? null : await userById(id).catch(() => null);
      if (!user || load !== loads || chosen.user_id !== id) return;
      suggestion = suggest(chosen, user.data, levels());
      const place = suggestion?.place;
      if (place) change(() => Object.assign(chosen, place));
    },
    { immediate: true },
  );

  return {
    takeOver: () => {
      suggestion = null;
      loads++;
    },
  };
}

/** Finds the organization of a department that stands alone: a department does not say whose tree it is chosen from. `lone` is null where nothing is to be found. */
export function useOrganizationOf(lone: () => number | null, take: (organization: number) => void): void {
  watch(
    lone,
    async (department) => {
      const found = department === null ? null : await departmentById(department).catch(() => null);
      if (found && lone() === department) take(found.data.organization_id);
    },
    { immediate: true },
  );
}
