import { useQueryClient } from "@tanstack/vue-query";
import { computed, type ComputedRef } from "vue";
import { answer, api, type Answer, everyItem } from "@/platform/api";
import type { operations, Schemas } from "@/platform/schema";
import { wholeSystem } from "@/platform/place";
import { useSession } from "@/platform/session";

export type Grant = Schemas["Grant"];
/** What a grant does: in force, or why not. */
export type Effect = Grant["effect"];
export type GrantQuery = NonNullable<operations["list-grants"]["parameters"]["query"]>;
export type NewGrant = Schemas["CreateGrantBody"];

/** The beginning of the keys of all queries about grants, and about what follows from them. */
export const grantsKey = ["grants"] as const;

export function listGrants(query: GrantQuery): Promise<Answer<Grant[]>> {
  return answer(api.GET("/grants", { params: { query } }));
}

/** The newest thousand grants of a user that the caller may see, including ended ones, the newest first. */
export function grantsOf(user: number): Promise<Answer<Grant[]>> {
  return everyItem((after) => answer(api.GET("/grants", { params: { query: { user_id: user, limit: 1000, ...after } } })), 1000);
}

export function createGrant(grant: NewGrant): Promise<Answer<Grant>> {
  return answer(api.POST("/grants", { body: grant }));
}

/** Whether the user may see all grants. Otherwise the number of visible grants says nothing about all of them. */
export function useSeesAll(): ComputedRef<boolean> {
  const session = useSession();
  return computed(() => session.may("grant.read", wholeSystem));
}

/** The number of grants of a role that are in force now and that the caller may see. */
export function countActive(role: number): Promise<number> {
  return count({ role_id: role, effect: "in_force" });
}

/** How many there are that are not over by their dates, now and later, also those without effect: what keeps a role from being deleted. */
export async function countOpen(role: number): Promise<{ active: number; scheduled: number }> {
  const [active, scheduled] = await Promise.all([count({ role_id: role, state: "active" }), count({ role_id: role, state: "scheduled" })]);
  return { active, scheduled };
}

async function count(wanted: GrantQuery): Promise<number> {
  const { total } = await answer(api.GET("/grants", { params: { query: { ...wanted, count: true, limit: 1 } } }));
  return total ?? 0;
}

/** Invalidates all queries about grants, and the caller's own permissions: the grant may have been theirs. */
export function useGrantsChanged(): (user: number) => Promise<void> {
  const queries = useQueryClient();
  const session = useSession();
  return async (user) => {
    const own = user === session.me?.id ? session.refresh().catch(() => undefined) : undefined;
    await Promise.all([queries.invalidateQueries({ queryKey: grantsKey }), own]);
  };
}

/** Whether a grant is over: nobody has to end it. */
export function isOver({ effect }: Pick<Grant, "effect">): boolean {
  return effect === "ended" || effect === "expired";
}
