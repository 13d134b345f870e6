import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";
import { api } from "@/platform/api";
import { addMessages, i18n, speak } from "@/platform/i18n";
import { messages } from "./messages";
import SearchEverything from "./SearchEverything.vue";

addMessages(messages);

const hits = [
  { kind: "user", id: 7, name: "김철수", detail: "chulsoo@example.com", organization_id: 1, department_id: 3, rank: "exact" },
  { kind: "department", id: 3, name: "내과", detail: null, organization_id: 1, department_id: 3, rank: "word" },
];

const nothing = { template: "<p />" };

async function search(found: typeof hits) {
  vi.spyOn(api, "GET").mockResolvedValue({ data: found, response: new Response() } as never);
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: "/", component: nothing },
      { path: "/users/:id", name: "user", component: nothing },
      { path: "/organizations/:id", name: "organization", component: nothing },
    ],
  });
  await router.push("/");
  const bar = mount(SearchEverything, { attachTo: document.body, global: { plugins: [i18n, router, [VueQueryPlugin, { queryClient: new QueryClient({ defaultOptions: { queries: { retry: false } } }) }]] } });
  const field = bar.get("input");
  const type = async (text: string) => {
    await field.trigger("focus");
    await field.setValue(text);
    vi.advanceTimersByTime(300);
    await flushPromises();
  };
  return { bar, field, router, type };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  speak("en");
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  document.body.innerHTML = "";
});

test("shows what was found, and opens what Enter chooses", async () => {
  const { bar, field, router, type } = await search(hits);
  await type("김철수");
  expect(bar.findAll("[role=option]").map((o) => o.text())).toEqual(["김철수Person · chulsoo@example.com", "내과Department"]);
  expect(field.attributes("aria-expanded")).toBe("true");
  expect(bar.get("[role=status]").text()).toBe("2 found");
  await field.trigger("keydown", { key: "ArrowDown" });
  expect(bar.get(`#${field.attributes("aria-activedescendant")}`).text()).toContain("내과");
  await field.trigger("keydown", { key: "Enter" });
  await flushPromises();
  expect(router.currentRoute.value.fullPath).toBe("/organizations/1?department=3");
  expect(field.element.value).toBe("");
  bar.unmount();
});

test("says that nothing was found", async () => {
  const { bar, field, type } = await search([]);
  await type("뷁");
  expect(bar.get("[role=status]").text()).toBe("Nothing found");
  expect(field.attributes("aria-expanded")).toBe("false");
  bar.unmount();
});

test.each([
  ["/", {}],
  ["k", { ctrlKey: true }],
])("%s leads to it", async (key, with_) => {
  const { bar, field } = await search([]);
  dispatchEvent(new KeyboardEvent("keydown", { key, ...with_ }));
  expect(document.activeElement).toBe(field.element);
  bar.unmount();
});
