import { useQueryClient } from "@tanstack/vue-query";
import { answer, api, type Answer } from "@/platform/api";
import type { PageQuery } from "@/platform/list";
import type { Schemas } from "@/platform/schema";
import { useSession } from "@/platform/session";

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

/** Has whatever shows users read them anew; where the one who changed is who is signed in, what is said of them, too. */
export function useUsersChanged(): (user?: number) => Promise<void> {
  const queries = useQueryClient();
  const session = useSession();
  return async (user) => {
    const own = user !== undefined && user === session.me?.id ? session.refresh().catch(() => undefined) : undefined;
    await Promise.all([queries.invalidateQueries({ queryKey: usersKey }), own]);
  };
}

/** Has everything read anew that hangs on whether a user is there and may sign in: of other modules, what was granted, and who may do what. */
export function useUserStateChanged(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries();
}
