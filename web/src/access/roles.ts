import { useQuery, useQueryClient } from "@tanstack/vue-query";
import { computed, type ComputedRef } from "vue";
import { answer, api, type Answer, everyItem } from "@/platform/api";
import type { operations, Schemas } from "@/platform/schema";
import { useSession } from "@/platform/session";
import { grantsKey } from "./grants";

export type Role = Schemas["Role"];
export type RoleQuery = NonNullable<operations["list-roles"]["parameters"]["query"]>;

/** The beginning of the keys of all queries about roles. */
export const rolesKey = ["roles"] as const;

export function listRoles(query: RoleQuery): Promise<Answer<Role[]>> {
  return answer(api.GET("/roles", { params: { query } }));
}

export function roleById(id: number): Promise<Answer<Role>> {
  return answer(api.GET("/roles/{id}", { params: { path: { id } } }));
}

export function deleteRole(id: number): Promise<Answer<unknown>> {
  return answer(api.DELETE("/roles/{id}", { params: { path: { id } } }));
}

/** All roles, by name; none while they load, and for users who may not see roles. */
export function useRoles(): ComputedRef<readonly Role[]> {
  const session = useSession();
  const query = useQuery({ queryKey: [...rolesKey, "all"], queryFn: allRoles, enabled: computed(() => session.may("role.read")), staleTime: 60_000 });
  return computed(() => query.data.value ?? []);
}

async function allRoles(): Promise<Role[]> {
  return (await everyItem((after) => answer(api.GET("/roles", { params: { query: { limit: 1000, sort: "name", ...after } } })))).data;
}

/** Invalidates all queries about roles and grants, and the caller's own permissions: they may come from the changed role. */
export function useRolesChanged(): () => Promise<void> {
  const queries = useQueryClient();
  const session = useSession();
  return async () => {
    await Promise.all([queries.invalidateQueries({ queryKey: rolesKey }), queries.invalidateQueries({ queryKey: grantsKey }), session.refresh().catch(() => undefined)]);
  };
}
