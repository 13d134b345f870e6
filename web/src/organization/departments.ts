import { useQueryClient } from "@tanstack/vue-query";
import { answer, api, type Answer, type Schemas } from "@/platform/api";

export type Department = Schemas["Department"];

/** The beginning of the keys of all queries about departments. */
export const departmentsKey = ["departments"] as const;

export function departmentById(id: number): Promise<Answer<Department>> {
  return answer(api.GET("/departments/{id}", { params: { path: { id } } }));
}

/** Has whatever shows departments read them anew. */
export function useDepartmentsChanged(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: departmentsKey });
}
