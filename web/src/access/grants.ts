import { answer, api, type Schemas } from "@/platform/api";

export type Grant = Schemas["Grant"];

/** The beginning of the keys of all queries about grants, and about what follows from them. */
export const grantsKey = ["grants"] as const;

/** How many grants of a role there are that hold now, of those that one may see. */
export function countActive(role: number): Promise<number> {
  return count(role, "active");
}

/** How many there are that hold, and that will hold later: what keeps a role from being deleted. */
export async function countOpen(role: number): Promise<{ active: number; scheduled: number }> {
  const [active, scheduled] = await Promise.all([count(role, "active"), count(role, "scheduled")]);
  return { active, scheduled };
}

async function count(role: number, state: "active" | "scheduled"): Promise<number> {
  const { total } = await answer(api.GET("/grants", { params: { query: { role_id: role, state, count: true, limit: 1 } } }));
  return total ?? 0;
}
