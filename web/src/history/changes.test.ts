import { expect, test } from "vitest";
import { type Change, filterOf, shownIn } from "./changes";

test("an object's history is its own, a user's with what the user has, and wider where that is asked for", () => {
  expect(filterOf("department", 7, false)).toEqual({ subject_kind: "department", subject_id: 7 });
  expect(filterOf("department", 7, true)).toEqual({ department_id: 7 });
  expect(filterOf("organization", 1, true)).toEqual({ organization_id: 1 });
  expect(filterOf("grant", 3, true)).toEqual({ subject_kind: "grant", subject_id: 3 });
  expect(filterOf("user", 2, false)).toEqual({ user_id: 2 });
});

test("a move is shown once, and at the place that the user left", () => {
  const change = (kind: string, ...fields: string[]) => ({ kind, fields: fields.map((name) => ({ name })) }) as unknown as Change;
  const within = [change("user.moved", "department_id"), change("user.left", "department_id")];
  const away = [change("user.changed", "email"), change("user.left", "organization_id")];
  const kinds = (of: string, changes: readonly Change[]) => shownIn(of, changes).map(({ kind }) => kind);
  expect(kinds("user", [...within, ...away])).toEqual(["user.moved", "user.changed"]);
  expect(kinds("organization", within)).toEqual(["user.moved"]);
  expect(kinds("organization", away)).toEqual(["user.changed", "user.left"]);
  expect(kinds("department", within)).toEqual(["user.moved", "user.left"]);
});
