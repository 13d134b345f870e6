// Uses the types that openapi-typescript makes of the API's document, as a stranger's frontend would. `make api-check`
// compiles it; generated.d.ts is made by check.sh and not committed.
import createClient from "openapi-fetch";
import type { components, paths } from "./generated.js";

export async function use(url: string, email: string, password: string): Promise<string> {
  const api = createClient<paths>({ baseUrl: url });
  const session = await api.POST("/auth/login", { body: { email, password } });
  if (session.error) throw new Error(`${session.error.code}: ${session.error.detail}`);
  const headers = { Authorization: `Bearer ${session.data.access_token}` };

  const made = await api.POST("/organizations", { headers, body: { name: "한빛병원" } });
  if (made.error) throw new Error(made.error.errors?.map((e) => `${e.location} ${e.code}`).join() ?? made.error.code);
  const ward = await api.POST("/departments", { headers, body: { organization_id: made.data.id, name: "심장내과", parent_id: null } });
  if (ward.error) throw new Error(ward.error.code);
  const version = ward.response.headers.get("ETag") ?? undefined;
  const moved = await api.POST("/departments/{id}/move", {
    headers,
    params: { path: { id: ward.data.id }, header: { "If-Match": version } },
    body: { parent_id: null, position: 0 },
  });
  if (moved.error) throw new Error(moved.error.code);
  const users = await api.GET("/users", { headers, params: { query: { limit: 10, sort: "-created_at", is_active: "true", id: [1, 2] } } });
  if (users.error) throw new Error(users.error.code);
  const names: string[] = users.data.map((u: components["schemas"]["User"]) => u.full_name ?? u.email ?? u.employee_number ?? "");

  // @ts-expect-error there is no such path
  await api.GET("/organisations");
  // @ts-expect-error a name is required
  await api.POST("/organizations", { headers, body: {} });
  return `${moved.data.name}: ${names.join(", ")}`;
}
