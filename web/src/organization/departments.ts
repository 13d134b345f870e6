import { useQueryClient } from "@tanstack/vue-query";
import { answer, api, type Answer, body } from "@/platform/api";
import type { Schemas } from "@/platform/schema";

export type Department = Schemas["Department"];

/** Where a department goes: `position` siblings stand before it, itself not counted. */
export interface Place {
  readonly parentId: number | null;
  readonly position: number;
}

/** The beginning of the keys of all queries about departments. */
export const departmentsKey = ["departments"] as const;

export function departmentById(id: number): Promise<Answer<Department>> {
  return answer(api.GET("/departments/{id}", { params: { path: { id } } }));
}

export function createDepartment(organizationId: number, parentId: number | null, name: string): Promise<Department> {
  return body(api.POST("/departments", { body: { organization_id: organizationId, parent_id: parentId, name } }));
}

/** Changes what is given; with an etag only if nobody else has changed it since. */
export function changeDepartment(id: number, change: { name?: string; code?: string | null }, etag: string | null): Promise<Department> {
  return body(api.PUT("/departments/{id}", { params: { path: { id }, header: { "If-Match": etag ?? undefined } }, body: change }));
}

export function moveDepartment(id: number, { parentId, position }: Place): Promise<Department> {
  return body(api.POST("/departments/{id}/move", { params: { path: { id } }, body: { parent_id: parentId, position } }));
}

export function deleteDepartment(id: number): Promise<unknown> {
  return answer(api.DELETE("/departments/{id}", { params: { path: { id } } }));
}

/** Has whatever shows departments read them anew. */
export function useDepartmentsChanged(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: departmentsKey });
}
