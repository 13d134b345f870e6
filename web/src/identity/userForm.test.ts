import { describe, expect, test } from "vitest";
import { allows, type OwnPermission } from "@/platform/permissions";
import { change, creation, emptyUser, presetPlace, valuesOf } from "./userForm";
import type { User } from "./users";

const values = { ...emptyUser, email: "kim@example.com", full_name: "김하늘", organization_id: 2, department_id: 9 };

describe("a change of a user", () => {
  test("holds nothing but what was changed", () => {
    expect(change(values, { full_name: "김하늘" })).toEqual({ full_name: "김하늘" });
    expect(change(values, { email: "kim@example.com" })).toEqual({ email: "kim@example.com" });
  });

  test("names the organization too where only the department is another, and the other way round", () => {
    expect(change(values, { department_id: 9 })).toEqual({ organization_id: 2, department_id: 9 });
    expect(change({ ...values, department_id: null }, { organization_id: 2, department_id: null })).toEqual({ organization_id: 2, department_id: null });
  });

  test("takes a user out of a department, and out of everything", () => {
    expect(change({ ...values, department_id: null }, { department_id: null })).toEqual({ organization_id: 2, department_id: null });
    expect(change({ ...values, organization_id: null, department_id: null }, { organization_id: null, department_id: null })).toEqual({ organization_id: null, department_id: null });
  });

  test("clears a name that was emptied", () => {
    expect(change({ ...values, full_name: " " }, { full_name: " " })).toEqual({ full_name: null });
  });

  test("clears an email where there is a number, and a day, and tells of another employment", () => {
    expect(change({ ...values, email: "", employee_number: "7" }, { email: "", employee_number: "7" })).toEqual({ email: null, employee_number: "7" });
    expect(change({ ...values, left_on: "" }, { left_on: "", employment: "on_leave" })).toEqual({ left_on: null, employment: "on_leave" });
  });

  test("does not touch the place where nobody moved the user: that would need user.move", () => {
    expect(change(values, { email: "new@example.com", full_name: "김" })).not.toHaveProperty("organization_id");
  });
});

test("a new user is made without a password", () => {
  const none = { full_name: null, employee_number: null, joined_on: null, left_on: null, phone: null, job: null, title: null, position: null };
  expect(creation({ ...values, full_name: "" })).toEqual({ email: "kim@example.com", employment: "employed", organization_id: 2, department_id: 9, ...none });
  expect(creation({ ...values, email: "", employee_number: "2026-7", title: "주임" })).toMatchObject({ email: null, employee_number: "2026-7", title: "주임" });
});

test("the form holds what is missing as empty", () => {
  const user = { id: 7, email: null, employee_number: "7", full_name: null, organization_id: 2, department_id: null, employment: "left", left_on: "2026-06-30" } as User;
  expect(valuesOf(user)).toEqual({ ...emptyUser, employee_number: "7", organization_id: 2, employment: "left", left_on: "2026-06-30" });
});

const over = (grant: Partial<OwnPermission>, permission = "user.create"): OwnPermission[] => [{ permission, everywhere: false, organizations: [], departments: [], ...grant }];

describe("what may be done with a user", () => {
  test("counts what is held above the user's department, once its path is known", () => {
    const user = { organization_id: 2, department_id: 9 };
    expect(allows(over({ departments: [4] }, "user.update"), "user.update", { ...user, path: [3, 4, 9] })).toBe(true);
    expect(allows(over({ departments: [5] }, "user.update"), "user.update", { ...user, path: [3, 4, 9] })).toBe(false);
  });

  test("to users of no organization needs the permission in the whole system", () => {
    const nowhere = { organization_id: null, department_id: null };
    expect(allows(over({ organizations: [2], departments: [9] }, "user.update"), "user.update", nowhere)).toBe(false);
    expect(allows(over({ everywhere: true }, "user.update"), "user.update", nowhere)).toBe(true);
  });
});

describe("where a new user stands to begin with", () => {
  const nowhere = { organization_id: null, department_id: null };
  const head = { organization_id: 2, department_id: 9 };

  test("is where the list is narrowed to", () => {
    expect(presetPlace({ organization_id: 5, department_id: 50 }, over({ organizations: [2] }), head)).toEqual({ organization_id: 5, department_id: 50 });
  });

  test("is the only organization, or the own department, in which one may make users", () => {
    expect(presetPlace(nowhere, over({ organizations: [2] }), null)).toEqual({ organization_id: 2, department_id: null });
    expect(presetPlace(nowhere, over({ departments: [9] }), head)).toEqual(head);
  });

  test("is left open where there are several, or everything", () => {
    expect(presetPlace(nowhere, over({ everywhere: true }), head)).toEqual(nowhere);
    expect(presetPlace(nowhere, over({ organizations: [2, 3] }), head)).toEqual(nowhere);
    expect(presetPlace(nowhere, over({ departments: [9, 12] }), head)).toEqual(nowhere);
    expect(presetPlace(nowhere, over({ departments: [12] }), head)).toEqual(nowhere);
  });
});
