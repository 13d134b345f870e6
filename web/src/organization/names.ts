import type { ComputedRef } from "vue";
import { answer, api } from "@/platform/api";
import { type Ids, useNames } from "@/platform/names";
import { departmentsKey } from "./departments";
import { organizationsKey } from "./organizations";

type Named = { readonly id: number; readonly name: string };

const nameOf = ({ name }: Named) => name;

/** The names of these organizations; those that the reader may not see have no entry. */
export function useOrganizationNames(ids: Ids): ComputedRef<ReadonlyMap<number, string>> {
  return useNames<Named, string>(ids, { key: organizationsKey, permission: "organization.read", load: (query) => answer(api.GET("/organizations", { params: { query } })), nameOf });
}

/** The names of these departments; those that the reader may not see have no entry. */
export function useDepartmentNames(ids: Ids): ComputedRef<ReadonlyMap<number, string>> {
  return useNames<Named, string>(ids, { key: departmentsKey, permission: "department.read", load: (query) => answer(api.GET("/departments", { params: { query } })), nameOf });
}
