import { nameOf, politely, type UserName, useUserNames } from "@/identity/names";
import { i18n } from "@/platform/i18n";
import { type Subject, useSubjects } from "@/platform/module";
import { useSession } from "@/platform/session";
import { aboutOf, type Change } from "./changes";

/** What the objects that changes name are called. Of those that are deleted, or that the reader may not see, there is the number. */
export interface ChangeNames {
  readonly user: (id: number) => UserName;
  /** An object of any kind; undefined for kinds without names. */
  readonly object: (kind: string, id: number) => string | undefined;
  /** Of what kind the object is whose id a field holds; undefined where it holds none. */
  readonly kindIn: (field: string) => string | undefined;
}

export function kindsByField(subjects: readonly Subject[]): ReadonlyMap<string, string> {
  return new Map(subjects.flatMap(({ kind, fields }) => fields.map((field) => [field, kind])));
}

/** The ids of a kind that these changes name, those of their fields among them. */
export function idsIn(changes: readonly Change[], kind: string, kinds: ReadonlyMap<string, string>): number[] {
  return changes.flatMap((change) => {
    const about = aboutOf(change);
    const fields = change.fields.filter((field) => kinds.get(field.name) === kind).flatMap((field) => [field.before, field.after]);
    const ids: unknown[] = [kind === "user" && change.actor.id, about.kind === kind && about.id, ...fields];
    return ids.filter((id) => typeof id === "number");
  });
}

export function useChangeNames(changes: () => readonly Change[]): ChangeNames {
  const { t } = i18n.global;
  const subjects = useSubjects();
  const kinds = kindsByField(subjects);
  const idsOf = (kind: string) => () => idsIn(changes(), kind, kinds);
  const users = useUserNames(idsOf("user"));
  const objects = new Map(subjects.flatMap(({ kind, useNames }) => (useNames ? [[kind, useNames(idsOf(kind))] as const] : [])));
  const session = useSession();

  function user(id: number): UserName {
    if (session.me?.id === id) return nameOf(session.me); // also for readers who may see no users
    return users.value.get(id) ?? { name: t("identity.userNumber", { id }), account: "" };
  }

  return {
    user,
    object: (kind, id) => (kind === "user" ? politely(user(id)) : objects.get(kind)?.(id)),
    kindIn: (field) => kinds.get(field),
  };
}
