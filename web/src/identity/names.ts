import { keepPreviousData, useQuery } from "@tanstack/vue-query";
import { computed, type ComputedRef } from "vue";
import { api, body } from "@/platform/api";
import { batches, distinct, idsAtOnce } from "@/platform/ids";
import { useSession } from "@/platform/session";
import { type User, usersKey } from "./users";

export interface UserName {
  /** What the user is called: the email where there is no name. */
  readonly name: string;
  readonly email: string;
}

/** The names of these users, as far as the reader may see them: one request for all of a page. */
export function useUserNames(ids: () => readonly (number | null | undefined)[]): ComputedRef<Map<number, UserName>> {
  const session = useSession();
  const wanted = computed(() => distinct(ids()));
  const query = useQuery({
    queryKey: computed(() => [...usersKey, "names", wanted.value]),
    queryFn: () => namesOf(wanted.value),
    enabled: computed(() => wanted.value.length > 0 && session.may("user.read")),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  return computed(() => query.data.value ?? new Map<number, UserName>());
}

async function namesOf(ids: readonly number[]): Promise<Map<number, UserName>> {
  const lists = await Promise.all(batches(ids).map((some) => body(api.GET("/users", { params: { query: { id: some.join(","), limit: idsAtOnce } as never } }))));
  return new Map(lists.flat().map((user) => [user.id, nameOf(user)]));
}

export function nameOf(user: Pick<User, "full_name" | "email">): UserName {
  return { name: user.full_name ?? user.email, email: user.email };
}

/** Name and email in one line; the email alone where there is no name. */
export function inOneLine({ name, email }: UserName): string {
  return name === email ? email : `${name} (${email})`;
}
