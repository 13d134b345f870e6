import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { flushPromises, mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { beforeEach, expect, test, vi } from "vitest";
import { createMemoryHistory, createRouter, RouterView } from "vue-router";
import { i18n } from "@/platform/i18n";
import { useSession } from "@/platform/session";
import DepartmentsView from "./DepartmentsView.vue";
import type * as Organizations from "./organizations";

let answer = () => {};
vi.mock("./organizations", async (original) => ({
  ...(await original<typeof Organizations>()),
  listOrganizations: () => new Promise((resolve) => (answer = () => resolve({ data: [{ id: 3 }], etag: null, next: null, total: 1 }))),
}));

async function comeToDepartments() {
  const nothing = { template: "<p />" };
  let load: (view: object) => void = () => {};
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: "/departments", name: "departments", component: DepartmentsView },
      { path: "/organizations/:id", name: "organization", component: nothing },
      { path: "/users", name: "users", component: () => new Promise((resolve) => (load = resolve)) },
    ],
  });
  await router.push("/departments");
  mount(RouterView, { global: { plugins: [router, i18n, [VueQueryPlugin, { queryClient: new QueryClient() }]] } });
  await flushPromises();
  return { router, loadUsers: () => load(nothing) };
}

beforeEach(() => {
  setActivePinia(createPinia());
  vi.spyOn(useSession(), "may").mockReturnValue(true);
});

test("whoever waits is led to the only organization", async () => {
  const { router } = await comeToDepartments();
  answer();
  await flushPromises();
  expect(router.currentRoute.value.fullPath).toBe("/organizations/3");
});

test("whoever has left, or is on the way, is not called back", async () => {
  const { router, loadUsers } = await comeToDepartments();
  const going = router.push("/users");
  await flushPromises();
  answer();
  await flushPromises();
  loadUsers();
  await going;
  await flushPromises();
  expect(router.currentRoute.value.name).toBe("users");
});
