import type { ComputedRef } from "vue";
import { answer, api } from "@/platform/api";
import { language } from "@/platform/i18n";
import { type Ids, useNames } from "@/platform/names";
import { type User, usersKey } from "./users";

export interface UserName {
  /** What the user is called: the email where there is no name. */
  readonly name: string;
  readonly email: string;
}

/** What these users are called; those that the reader may not see have no entry. */
export function useUserNames(ids: Ids): ComputedRef<ReadonlyMap<number, UserName>> {
  return useNames<User, UserName>(ids, { key: usersKey, permission: "user.read", load: (query) => answer(api.GET("/users", { params: { query } })), nameOf });
}

export function nameOf(user: Pick<User, "full_name" | "email">): UserName {
  return { name: user.full_name ?? user.email, email: user.email };
}

/** Somebody as one speaks of them to others: in Korean the name with 님; the email, where there is no name, as it is. */
export function politely({ name, email }: UserName): string {
  return language() === "ko" && name !== email ? `${name}님` : name;
}

/** The same with the email, which tells those of the same name apart. */
export function inOneLinePolitely(user: UserName): string {
  return inOneLine({ name: politely(user), email: user.email });
}

/** The email to show next to the name, undefined if the name is the email. */
export function emailBeside({ name, email }: UserName): string | undefined {
  return name === email ? undefined : email;
}

/** Name and email in one line; the email alone where there is no name. */
export function inOneLine({ name, email }: UserName): string {
  return name === email ? email : `${name} (${email})`;
}
