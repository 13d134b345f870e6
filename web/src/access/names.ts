import { nameOf, type UserName, useUserNames } from "@/identity/names";
import { useDepartmentNames, useOrganizationNames } from "@/organization/names";
import { i18n } from "@/platform/i18n";
import type { Place } from "@/platform/place";
import { useSession } from "@/platform/session";
import type { Grant } from "./grants";
import { useRoles } from "./roles";
import { roleName } from "./words";

/** What the users, roles and places of grants are called. Of what the reader may not see there is the number. */
export interface GrantNames {
  readonly user: (id: number) => UserName;
  readonly role: (id: number) => string;
  /** null for one that is gone, or that the reader may not see. */
  readonly knownRole: (id: number) => string | null;
  readonly where: (place: Place) => string;
  /** The user who granted or ended; null for the operator of the server. */
  readonly by: (id: number | null) => string;
}

/** What roles are called: by their number where they are deleted or the reader may not see them. */
export function useNamedRoles(): (id: number) => string {
  const roles = useRoles();
  return (id) => {
    const found = roles.value.find((r) => r.id === id);
    return found ? roleName(found) : i18n.global.t(roles.value.length > 0 ? "access.roleGone" : "access.roleNumber", { id });
  };
}

/** The names of all that these grants are about, and of `more` besides. */
export function useGrantNames(grants: () => readonly Grant[], more: () => Partial<Place & { user_id: number | null }> = () => ({})): GrantNames {
  const { t } = i18n.global;
  const users = useUserNames(() => [...grants().flatMap((g) => [g.user_id, g.granted_by, g.ended_by]), more().user_id]);
  const organizations = useOrganizationNames(() => [...grants().map((g) => g.organization_id), more().organization_id]);
  const departments = useDepartmentNames(() => [...grants().map((g) => g.department_id), more().department_id]);
  const roles = useRoles();
  const session = useSession();

  function user(id: number): UserName {
    if (session.me?.id === id) return nameOf(session.me); // also for who may see no users
    return users.value.get(id) ?? { name: t("identity.userNumber", { id }), account: "" };
  }

  function knownRole(id: number): string | null {
    const found = roles.value.find((r) => r.id === id);
    return found ? roleName(found) : null;
  }

  function where({ organization_id, department_id }: Place): string {
    if (department_id === null && organization_id === null) return t("access.everywhere");
    const organization = organization_id === null ? "" : (organizations.value.get(organization_id) ?? t("organization.number", { id: organization_id }));
    if (department_id === null) return organization;
    const department = departments.value.get(department_id) ?? t("department.number", { id: department_id });
    return organization ? t("access.departmentOf", { organization, department }) : department;
  }

  return { user, role: useNamedRoles(), knownRole, where, by: (id) => (id === null ? t("access.byServer") : user(id).name) };
}
