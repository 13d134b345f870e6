import type { ComputedRef } from "vue";
import { answer, api } from "@/platform/api";
import { language } from "@/platform/i18n";
import { type Ids, useNames } from "@/platform/names";
import { type User, usersKey } from "./users";

export interface UserName {
  /** What the user is called: the account where there is no name. */
  readonly name: string;
  /** What the user signs in with: the email, or else the employee number. */
  readonly account: string;
}

/** What these users are called; those that the reader may not see have no entry. */
export function useUserNames(ids: Ids): ComputedRef<ReadonlyMap<number, UserName>> {
  return useNames<User, UserName>(ids, { key: usersKey, permission: "user.read", load: (query) => answer(api.GET("/users", { params: { query } })), nameOf });
}

export function nameOf(user: Pick<User, "full_name" | "email" | "employee_number">): UserName {
  const account = accountOf(user);
  return { name: user.full_name ?? account, account };
}

/** What a user signs in with. */
export function accountOf(user: Pick<User, "email" | "employee_number">): string {
  return user.email ?? user.employee_number ?? ""; // the server refuses users with neither
}

/** Somebody as one speaks of them to others: in Korean the name with 님; the account, where there is no name, as it is. */
export function politely({ name, account }: UserName): string {
  return language() === "ko" && name !== account ? `${name}님` : name;
}

/** The same with the account, which tells those of the same name apart. */
export function inOneLinePolitely(user: UserName): string {
  return inOneLine({ name: politely(user), account: user.account });
}

/** The account to show next to the name, undefined if the name is the account. */
export function accountBeside({ name, account }: UserName): string | undefined {
  return name === account ? undefined : account;
}

/** Name and account in one line; the account alone where there is no name. */
export function inOneLine({ name, account }: UserName): string {
  return name === account ? account : `${name} (${account})`;
}
