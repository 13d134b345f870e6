import { expect, test } from "vitest";
import { countOf, readStart } from "./list";
import { returnPath } from "./returnPath";

const options = { sorts: ["name", "created_at"], sort: "name", filters: ["organization_id"] as const };

test("an address that was kept gives the list it was", () => {
  expect(readStart({ q: "심장", sort: "-created_at", organization_id: "3", page: "9" }, options)).toEqual({ q: "심장", sort: "-created_at", filters: { organization_id: "3" } });
});

test("an address with what there is not gives the list as it begins", () => {
  expect(readStart({ sort: "password", q: ["a", "b"], organization_id: null }, options)).toEqual({ q: "", sort: "name", filters: {} });
});

test("a count that goes no further says so", () => {
  expect(countOf({ total: 10000, more: true })).toBe("10,000+");
  expect(countOf({ total: 9999 })).toBe("9,999");
  expect(countOf({ total: null })).toBe(null);
  expect(countOf(undefined)).toBe(null);
});

test("where one wanted to go is a path of ours", () => {
  expect(returnPath("/users/5?tab=sessions")).toBe("/users/5?tab=sessions");
  for (const other of ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", undefined, ["/a", "/b"]]) expect(returnPath(other)).toBe("/");
});
