import { expect, test } from "vitest";
import { organizationOf } from "./organizationOf";

test("the address names the organization of an employee number, or none", () => {
  expect(organizationOf({ organization: "3" })).toBe(3);
  for (const organization of ["", "0", "x", "-1", "1e3", "9999999999999999", ["1", "2"], null]) expect(organizationOf({ organization })).toBeNull();
  expect(organizationOf({})).toBeNull();
});
