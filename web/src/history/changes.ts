import { answer, api, type Answer } from "@/platform/api";
import type { Subject } from "@/platform/module";
import type { operations, Schemas } from "@/platform/schema";

export type Change = Schemas["Change"];
export type ChangedField = Schemas["ChangedField"];
export type ChangeQuery = NonNullable<operations["list-changes"]["parameters"]["query"]>;

/** What changes such an object invalidates the beginning of the key, and so its history. */
export function changesKey(of: Subject, id: number, all: boolean): readonly unknown[] {
  return [...of.key, "changes", id, all];
}

/** Whether other objects belong to one of this kind, whose changes can be listed with its own. */
export function hasMembers(kind: string): kind is "organization" | "department" {
  return kind === "organization" || kind === "department";
}

/**
 * Which changes are the history of an object: its own; of a user, also those of what the user has, such as grants and
 * sessions. `all` adds those of all objects that belong to an organization or a department.
 */
export function filterOf(kind: string, id: number, all: boolean): ChangeQuery {
  if (kind === "user") return { user_id: id };
  if (all && kind === "organization") return { organization_id: id };
  if (all && kind === "department") return { department_id: id };
  return { subject_kind: kind, subject_id: id };
}

/**
 * A user's move is recorded where the user belonged and where the user belongs now. The history of a place shows both only
 * where they are not both of it; the history of the user shows it once.
 */
export function shownIn(kind: string, changes: readonly Change[]): Change[] {
  const leaves = (change: Change) => kind === "department" || (kind === "organization" && change.fields.some((field) => field.name === "organization_id"));
  return changes.filter((change) => change.kind !== "user.left" || leaves(change));
}

export function listChanges(query: ChangeQuery): Promise<Answer<Change[]>> {
  return answer(api.GET("/changes", { params: { query } }));
}

/** What a change is about: the user where the subject is something that a user has. */
export function aboutOf(change: Change): { readonly kind: string; readonly id: number } {
  return change.user_id === null ? change.subject : { kind: "user", id: change.user_id };
}
