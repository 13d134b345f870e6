import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { effectScope, type EffectScope, ref } from "vue";
import { asked } from "@/platform/ask";
import { useUnsaved } from "@/platform/unsaved";
import { makeRouter } from "./router";

const nothing = { template: "<p />" };
let typing: EffectScope;
// One router for all tests: every router listens to the browser's history.
setActivePinia(createPinia());
const router = makeRouter([{ name: "test", routes: [{ path: "/trees/:id", name: "tree", component: nothing, meta: { open: true } }], menu: [], messages: { ko: {}, en: {} } }]);

beforeEach(async () => {
  await router.push("/trees/1?view=chart");
  await router.push("/trees/1?department=5");
  typing = effectScope();
  typing.run(() => useUnsaved(ref(true)));
});
afterEach(() => typing.stop());

const where = () => router.currentRoute.value.fullPath;

describe("whoever has typed something", () => {
  test.each(["/trees/1?department=5&view=chart", "/trees/2?department=5"])("is asked before they go to %s", async (to) => {
    const staying = router.push(to);
    await vi.waitFor(() => expect(asked.value).not.toBeNull());
    asked.value!.answer(false);
    await staying;
    expect(where()).toBe("/trees/1?department=5");

    const going = router.push(to);
    await vi.waitFor(() => expect(asked.value).not.toBeNull());
    asked.value!.answer(true);
    await going;
    expect(where()).toBe(to);
  });

  test("is asked before they go back to another view of the same", async () => {
    router.back();
    await vi.waitFor(() => expect(asked.value).not.toBeNull());
    asked.value!.answer(false);
    await vi.waitFor(() => expect(location.search).toBe("?department=5"));
    expect(where()).toBe("/trees/1?department=5");
  });

  test.each(["/trees/1?department=6", "/trees/1?department=5&q=x", "/trees/1"])("is not asked where nothing goes away: %s", async (to) => {
    await router.push(to);
    expect(asked.value).toBeNull();
    expect(where()).toBe(to);
  });
});
