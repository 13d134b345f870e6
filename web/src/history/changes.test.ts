import { expect, test } from "vitest";
import { filterOf } from "./changes";

test("an object's history is its own, a user's with what the user has, and wider where that is asked for", () => {
  expect(filterOf("department", 7, false)).toEqual({ subject_kind: "department", subject_id: 7 });
  expect(filterOf("department", 7, true)).toEqual({ department_id: 7 });
  expect(filterOf("organization", 1, true)).toEqual({ organization_id: 1 });
  expect(filterOf("grant", 3, true)).toEqual({ subject_kind: "grant", subject_id: 3 });
  expect(filterOf("user", 2, false)).toEqual({ user_id: 2 });
});
