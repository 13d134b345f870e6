import { useQueryClient } from "@tanstack/vue-query";
import { answer, api, type Answer, type Schemas } from "@/platform/api";
import type { PageQuery } from "@/platform/list";

export type User = Schemas["User"];

export type UserFilter = "organization_id" | "department_id" | "is_active";

/** The beginning of the keys of all queries about users. */
export const usersKey = ["users"] as const;

export function listUsers(page: PageQuery, filters: Partial<Record<UserFilter, string>> = {}): Promise<Answer<User[]>> {
  return answer(api.GET("/users", { params: { query: { ...page, ...filters } as never } }));
}

export function userById(id: number): Promise<Answer<User>> {
  return answer(api.GET("/users/{id}", { params: { path: { id } } }));
}

/** Has whatever shows users read them anew. */
export function useUsersChanged(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: usersKey });
}
