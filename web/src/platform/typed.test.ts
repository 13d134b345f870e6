import { effectScope, nextTick, ref } from "vue";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useTyped } from "./typed";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("spaces search for nothing, and stay where they are typed", async () => {
  const searched = ref("");
  const typed = effectScope().run(() => useTyped(searched))!;
  for (const [text, asked] of [
    [" ", ""],
    ["김 ", "김"],
    ["김 민", "김 민"],
  ] as const) {
    typed.value = text;
    await nextTick();
    vi.runAllTimers();
    await nextTick();
    expect([searched.value, typed.value]).toEqual([asked, text]);
  }
  searched.value = ""; // Back
  await nextTick();
  expect(typed.value).toBe("");
});
