import { useQueryClient } from "@tanstack/vue-query";
import { answer, api, type Answer } from "@/platform/api";
import { idOf } from "@/platform/list";
import type { operations, Schemas } from "@/platform/schema";
import { useSession } from "@/platform/session";
import { wantedEmployment } from "./employment";

export type User = Schemas["User"];
export type ListedUser = Schemas["ListedUser"];
export type UserQuery = NonNullable<operations["list-users"]["parameters"]["query"]>;

/** What narrows the list of users, as the address holds it. */
export const userFilters = ["organization_id", "department_id", "is_active", "employment", "signed_in"] as const;
export type UserFilters = Partial<Record<(typeof userFilters)[number], string>>;

/** The beginning of the keys of all queries about users. */
export const usersKey = ["users"] as const;

export function listUsers(query: UserQuery): Promise<Answer<ListedUser[]>> {
  return answer(api.GET("/users", { params: { query } }));
}

/** The filters as the API takes them. Users of a department are shown with those of all departments below it. */
export function apiFilters({ organization_id, department_id, is_active, employment, signed_in }: UserFilters): UserQuery {
  return {
    organization_id: idOf(organization_id),
    within: department_id ? `department:${department_id}` : undefined,
    is_active: wantedState(is_active),
    employment: wantedEmployment(employment),
    ...signIns(signed_in),
  };
}

/** By when users signed in last: never, or not for so many days. */
export const signInFilters = ["never", "30", "90", "365"] as const;

function signIns(signed_in: string | undefined): UserQuery {
  if (signed_in === "never") return { never_signed_in: true };
  const days = signInFilters.find((days) => days === signed_in);
  return days === undefined ? {} : { last_sign_in_before: new Date(Date.now() - Number(days) * 86_400_000).toISOString() };
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
