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

/** All that was ever granted to a user, the newest first, as far as one may see it: of many, the newest thousand. */
export function grantsOf(user: number): Promise<Answer<Grant[]>> {
  return everyItem((after) => answer(api.GET("/grants", { params: { query: { user_id: user, limit: 1000, ...after } } })), 1000);
}

export function createGrant(grant: NewGrant): Promise<Answer<Grant>> {
  return answer(api.POST("/grants", { body: grant }));
}

/** Whether one sees every grant. Who does not cannot say that there is none, nor how many there are. */
export function useSeesAll(): ComputedRef<boolean> {
  const session = useSession();
  return computed(() => session.may("grant.read", wholeSystem));
}

/** How many grants of a role there are that hold now, of those that one may see. */
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

/** Has whatever shows grants read them anew, and what one may do oneself too: it may have been one's own. */
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
