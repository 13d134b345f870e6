import { useRoles } from "@/access/roles";
import { roleName } from "@/access/words";
import { nameOf, type UserName, useUserNames } from "@/identity/names";
import { useDepartmentNames, useOrganizationNames } from "@/organization/names";
import { i18n } from "@/platform/i18n";
import { useSession } from "@/platform/session";
import { aboutOf, type Change } from "./changes";

/** What the objects that changes name are called. Of those that are deleted, or that the reader may not see, there is the number. */
export interface ChangeNames {
  readonly user: (id: number) => UserName;
  readonly organization: (id: number) => string;
  readonly department: (id: number) => string;
  readonly role: (id: number) => string;
}

export type Named = keyof ChangeNames;

const references: ReadonlyMap<string, Named> = new Map([
  ["user_id", "user"],
  ["organization_id", "organization"],
  ["department_id", "department"],
  ["parent_id", "department"],
  ["role_id", "role"],
]);

/** Of what kind the object is whose id a field holds; undefined where it holds none, or of a kind without names here. */
export function referenceOf(field: string): Named | undefined {
  return references.get(field);
}

/** The ids of a kind that these changes name, those of their fields among them. */
export function idsIn(changes: readonly Change[], kind: Named): number[] {
  return changes.flatMap((change) => {
    const about = aboutOf(change);
    const fields = change.fields.filter((field) => referenceOf(field.name) === kind).flatMap((field) => [field.before, field.after]);
    const ids: unknown[] = [kind === "user" && change.actor.id, about.kind === kind && about.id, ...fields];
    return ids.filter((id) => typeof id === "number");
  });
}

export function useChangeNames(changes: () => readonly Change[]): ChangeNames {
  const { t } = i18n.global;
  const users = useUserNames(() => idsIn(changes(), "user"));
  const organizations = useOrganizationNames(() => idsIn(changes(), "organization"));
  const departments = useDepartmentNames(() => idsIn(changes(), "department"));
  const roles = useRoles();
  const session = useSession();

  function user(id: number): UserName {
    if (session.me?.id === id) return nameOf(session.me); // also for readers who may see no users
    return users.value.get(id) ?? { name: t("identity.userNumber", { id }), email: "" };
  }

  function role(id: number): string {
    const found = roles.value.find((r) => r.id === id);
    return found ? roleName(found) : t(roles.value.length > 0 ? "access.roleGone" : "access.roleNumber", { id });
  }

  return {
    user,
    organization: (id) => organizations.value.get(id) ?? t("organization.number", { id }),
    department: (id) => departments.value.get(id) ?? t("department.number", { id }),
    role,
  };
}
