import type { ComputedRef } from "vue";
import { answer, api } from "@/platform/api";
import { i18n } from "@/platform/i18n";
import { type Ids, useNames } from "@/platform/names";
import { departmentsKey } from "./departments";
import { organizationsKey } from "./organizations";

type Named = { readonly id: number; readonly name: string };

const nameOf = ({ name }: Named) => name;

/** The names of these organizations, deleted ones too; those that the reader may not see have no entry. */
export function useOrganizationNames(ids: Ids): ComputedRef<ReadonlyMap<number, string>> {
  return useNames<Named, string>(ids, { key: organizationsKey, permission: "organization.read", load: (query) => answer(api.GET("/organizations", { params: { query: { ...query, deleted: true } } })), nameOf });
}

/** The names of these departments, deleted ones too; those that the reader may not see have no entry. */
export function useDepartmentNames(ids: Ids): ComputedRef<ReadonlyMap<number, string>> {
  return useNames<Named, string>(ids, { key: departmentsKey, permission: "department.read", load: (query) => answer(api.GET("/departments", { params: { query: { ...query, deleted: true } } })), nameOf });
}

/** What these organizations are called: by their number where the reader may not see them. */
export function useNamedOrganizations(ids: Ids): (id: number) => string {
  const names = useOrganizationNames(ids);
  return (id) => names.value.get(id) ?? i18n.global.t("organization.number", { id });
}

/** What these departments are called: by their number where the reader may not see them. */
export function useNamedDepartments(ids: Ids): (id: number) => string {
  const names = useDepartmentNames(ids);
  return (id) => names.value.get(id) ?? i18n.global.t("department.number", { id });
}
