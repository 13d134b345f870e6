import { expect, test } from "vitest";
import { compareMoments, fromLocal, toLocal } from "./moments";

test("a moment is typed in the reader's own time and kept as one for everybody", () => {
  const kept = fromLocal("2026-03-15T09:05");
  expect(kept).toBe(new Date(2026, 2, 15, 9, 5).toISOString());
  expect(toLocal(kept)).toBe("2026-03-15T09:05");
});

test("an address that holds no moment shows none", () => {
  expect([toLocal(undefined), toLocal("yesterday"), fromLocal("")]).toEqual(["", "", undefined]);
});

test("moments are compared to the microsecond, in whatever zone and with however many digits they are written", () => {
  expect(compareMoments("2026-03-01T12:00:00.000001Z", "2026-03-01T12:00:00.000002Z")).toBeLessThan(0);
  expect(compareMoments("2026-03-01T21:00:00.000002+09:00", "2026-03-01T12:00:00.000001Z")).toBeGreaterThan(0);
  expect(compareMoments("2026-03-01T21:00:00.1234+09:00", "2026-03-01T12:00:00.123400Z")).toBe(0);
  expect(compareMoments("2026-03-01T12:00:00Z", "2026-03-01T12:00:00.000Z")).toBe(0);
});
