import { departmentsKey } from "@/organization/departments";
import { organizationsKey } from "@/organization/organizations";
import { grantsKey } from "@/access/grants";
import { rolesKey } from "@/access/roles";
import { usersKey } from "@/identity/users";
import { answer, api, type Answer } from "@/platform/api";
import type { operations, Schemas } from "@/platform/schema";

export type Change = Schemas["Change"];
export type ChangedField = Schemas["ChangedField"];
export type ChangeQuery = NonNullable<operations["list-changes"]["parameters"]["query"]>;

/** What has a history of its own. */
export type HistoryOf = "organization" | "department" | "user" | "role" | "grant";

/** What changes one of them invalidates the beginning of its key, and so its history. */
const keys = { organization: organizationsKey, department: departmentsKey, user: usersKey, role: rolesKey, grant: grantsKey } as const;

export function changesKey(of: HistoryOf, id: number, all: boolean): readonly unknown[] {
  return [...keys[of], "changes", id, all];
}

/** Whether other objects belong to one of this kind, whose changes can be listed with its own. */
export function hasMembers(of: HistoryOf): of is "organization" | "department" {
  return of === "organization" || of === "department";
}

/**
 * Which changes are the history of an object: its own; of a user, also those of what the user has, such as grants and
 * sessions. `all` adds those of whatever belongs to an organization or a department.
 */
export function filterOf(of: HistoryOf, id: number, all: boolean): ChangeQuery {
  if (of === "user") return { user_id: id };
  if (all && of === "organization") return { organization_id: id };
  if (all && of === "department") return { department_id: id };
  return { subject_kind: of, subject_id: id };
}

export function listChanges(query: ChangeQuery): Promise<Answer<Change[]>> {
  return answer(api.GET("/changes", { params: { query } }));
}

/** What a change is about: the user where the subject is something that a user has. */
export function aboutOf(change: Change): { readonly kind: string; readonly id: number } {
  return change.user_id === null ? change.subject : { kind: "user", id: change.user_id };
}
