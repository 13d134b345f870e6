import { expect, test } from "vitest";
import { fromLocal, toLocal } from "./moments";

test("a moment is typed in the reader's own time and kept as one for everybody", () => {
  const kept = fromLocal("2026-03-15T09:05");
  expect(kept).toBe(new Date(2026, 2, 15, 9, 5).toISOString());
  expect(toLocal(kept)).toBe("2026-03-15T09:05");
});

test("an address that holds no moment shows none", () => {
  expect([toLocal(undefined), toLocal("yesterday"), fromLocal("")]).toEqual(["", "", undefined]);
});
