import { expect, it } from "vitest";
import { batches, distinct } from "./names";

it("asks for each id once, whatever the order of the rows", () => {
  expect(distinct([3, null, 12, 3, undefined, 2])).toEqual([2, 3, 12]);
});

it("asks for no more at once than the API takes", () => {
  const ids = Array.from({ length: 401 }, (_, i) => i + 1);
  expect(batches(ids).map((b) => b.length)).toEqual([200, 200, 1]);
  expect(batches([])).toEqual([]);
});
