import { describe, expect, it } from "vitest";
import { batches, distinct, nameOf } from "./names";

describe("naming users", () => {
  it("asks for each user once, whatever the order of the rows", () => {
    expect(distinct([3, null, 12, 3, undefined, 2])).toEqual([2, 3, 12]);
  });

  it("asks for no more at once than the API takes", () => {
    const ids = Array.from({ length: 401 }, (_, i) => i + 1);
    expect(batches(ids).map((b) => b.length)).toEqual([200, 200, 1]);
    expect(batches([])).toEqual([]);
  });

  it("calls who has no name by the email", () => {
    expect(nameOf({ full_name: null, email: "kim@example.com" })).toEqual({ name: "kim@example.com", email: "kim@example.com" });
    expect(nameOf({ full_name: "김하늘", email: "kim@example.com" }).name).toBe("김하늘");
  });
});
