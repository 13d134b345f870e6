import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { createPinia } from "pinia";
import { expect, test, vi } from "vitest";
import { createApp, ref } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";
import { asked } from "@/platform/ask";
import { useSession } from "@/platform/session";
import { type UserActions, useUserActions } from "./userActions";
import { apiFilters, type User, useUsersChanged } from "./users";

vi.mock("@/platform/notice", () => ({ done: vi.fn() }));

/** Runs `use` as a view does. */
function inView<T>(use: () => T): { readonly made: T; readonly queries: QueryClient } {
  const queries = new QueryClient();
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: "/", name: "users", component: {} }] });
  let made: T | undefined;
  const view = {
    setup: () => {
      made = use();
      return () => null;
    },
  };
  createApp(view).use(createPinia()).use(router).use(VueQueryPlugin, { queryClient: queries }).mount(document.createElement("div"));
  return { made: made as T, queries };
}

test.each(["activate", "deactivate", "unlock", "remove"] as const)("after %s also other modules read anew what hangs on the user", async (action) => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(null, { status: 204 })));
  const { made: actions, queries } = inView<UserActions>(() => useUserActions(ref({ id: 7, email: "kim@example.com", full_name: null } as User)));
  queries.setQueryData(["grants", "of", 7], []);
  const result = actions[action]();
  await asked.value!.question.run!("");
  asked.value!.answer(true);
  await result;
  expect(queries.getQueryState(["grants", "of", 7])?.isInvalidated).toBe(true);
  vi.unstubAllGlobals();
});

test("whoever changes their own name among the users is called by it at the head of the page", async () => {
  const { made } = inView(() => ({ changed: useUsersChanged(), session: useSession() }));
  made.session.me = { id: 7, email: "kim@example.com", full_name: "before" } as never;
  const answers: Record<string, unknown> = { "/auth/me": { id: 7, email: "kim@example.com", full_name: "after" }, "/auth/permissions": [] };
  vi.stubGlobal("fetch", (request: Request) => Promise.resolve(Response.json(answers[new URL(request.url).pathname])));
  await made.changed(8);
  expect(made.session.name).toBe("before");
  await made.changed(7);
  expect(made.session.name).toBe("after");
  vi.unstubAllGlobals();
});

test("what is no id is left to the server to refuse, rather than showing more", () => {
  expect(apiFilters({ organization_id: "x", department_id: "y" })).toEqual({ organization_id: NaN, within: "department:y" });
});

test("users are shown in any state unless the address names one", () => {
  expect(["true", "false", "maybe", undefined].map((is_active) => apiFilters({ is_active }).is_active)).toEqual(["true", "false", undefined, undefined]);
});

test("users are shown in any employment unless the address names one", () => {
  expect(["left", "employed", "fired", undefined].map((employment) => apiFilters({ employment }).employment)).toEqual(["left", "employed", undefined, undefined]);
});

test("users are found by when they signed in last", () => {
  vi.useFakeTimers({ now: new Date("2026-03-31T00:00:00Z") });
  expect(apiFilters({ signed_in: "never" })).toEqual({ never_signed_in: true });
  expect(apiFilters({ signed_in: "30" })).toEqual({ last_sign_in_before: "2026-03-01T00:00:00.000Z" });
  expect(apiFilters({ signed_in: "soon" })).toEqual({});
  vi.useRealTimers();
});
