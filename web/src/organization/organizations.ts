import { useQueryClient } from "@tanstack/vue-query";
import { answer, api, type Answer } from "@/platform/api";
import type { operations, Schemas } from "@/platform/schema";

export type Organization = Schemas["Organization"];
export type OrganizationQuery = NonNullable<operations["list-organizations"]["parameters"]["query"]>;

/** The beginning of the keys of all queries about organizations. */
export const organizationsKey = ["organizations"] as const;

export function listOrganizations(query: OrganizationQuery): Promise<Answer<Organization[]>> {
  return answer(api.GET("/organizations", { params: { query } }));
}

export function organizationById(id: number): Promise<Answer<Organization>> {
  return answer(api.GET("/organizations/{id}", { params: { path: { id } } }));
}

/** Has whatever shows organizations read them anew. */
export function useOrganizationsChanged(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: organizationsKey });
}
