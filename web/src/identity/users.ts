import { useQueryClient } from "@tanstack/vue-query";
import { answer, api, type Answer } from "@/platform/api";
import { idOf } from "@/platform/list";
import type { operations, Schemas } from "@/platform/schema";
import { useSession } from "@/platform/session";

export type User = Schemas["User"];
export type UserQuery = NonNullable<operations["list-users"]["parameters"]["query"]>;

/** What narrows the list of users, as the address holds it. */
export const userFilters = ["organization_id", "department_id", "is_active"] as const;
export type UserFilters = Partial<Record<(typeof userFilters)[number], string>>;

/** The beginning of the keys of all queries about users. */
export const usersKey = ["users"] as const;

export function listUsers(query: UserQuery): Promise<Answer<User[]>> {
  return answer(api.GET("/users", { params: { query } }));
}

/** The filters as the API takes them. */
export function apiFilters({ organization_id, department_id, is_active }: UserFilters): UserQuery {
  return { organization_id: idOf(organization_id), department_id: idOf(department_id), is_active: wantedState(is_active) };
}

/** Which users are asked for: "true" for those who may sign in, "false" for the others; undefined for all, unless one of the two was chosen. */
export function wantedState(is_active: string | undefined): UserQuery["is_active"] {
  return is_active === "true" || is_active === "false" ? is_active : undefined;
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
