import { useQueryClient } from "@tanstack/vue-query";
import { answer, api, type Answer } from "@/platform/api";
import type { PageQuery } from "@/platform/list";
import type { Schemas } from "@/platform/schema";

export type Organization = Schemas["Organization"];

/** The beginning of the keys of all queries about organizations. */
export const organizationsKey = ["organizations"] as const;

export function listOrganizations(page: PageQuery): Promise<Answer<Organization[]>> {
  return answer(api.GET("/organizations", { params: { query: page as never } }));
}

export function organizationById(id: number): Promise<Answer<Organization>> {
  return answer(api.GET("/organizations/{id}", { params: { path: { id } } }));
}

/** Has whatever shows organizations read them anew. */
export function useOrganizationsChanged(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: organizationsKey });
}
