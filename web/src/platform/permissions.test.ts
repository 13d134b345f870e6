import { describe, expect, test } from "vitest";
import { allows, type OwnPermission } from "./permissions";
import { departmentPlace, organizationPlace, wholeSystem } from "./place";

const head: OwnPermission[] = [{ permission: "user.update", everywhere: false, organizations: [], departments: [7] }];
const administrator: OwnPermission[] = [{ permission: "user.update", everywhere: false, organizations: [1], departments: [] }];
const system: OwnPermission[] = [{ permission: "user.update", everywhere: true, organizations: [], departments: [] }];

describe("what is held", () => {
  test("somewhere allows what needs no place", () => {
    expect(allows(head, "user.update")).toBe(true);
    expect(allows(head, "user.delete")).toBe(false);
  });

  test("everywhere allows it in every place, and for what is of no organization", () => {
    expect(allows(system, "user.update", wholeSystem)).toBe(true);
    expect(allows(system, "user.update", departmentPlace(9, 90))).toBe(true);
  });

  test("for an organization allows it there and in its departments alone", () => {
    expect(allows(administrator, "user.update", departmentPlace(1, 70))).toBe(true);
    expect(allows(administrator, "user.update", departmentPlace(2, 70))).toBe(false);
    expect(allows(administrator, "user.update", wholeSystem)).toBe(false);
  });

  test("for a department allows it there and below, not above or beside", () => {
    expect(allows(head, "user.update", departmentPlace(1, 7))).toBe(true);
    expect(allows(head, "user.update", { ...departmentPlace(1, 8), path: [7, 8] })).toBe(true);
    expect(allows(head, "user.update", { ...departmentPlace(1, 6), path: [5, 6] })).toBe(false);
    expect(allows(head, "user.update", organizationPlace(1))).toBe(false);
  });

  test("for a department lets it be tried where the place's path is not known", () => {
    expect(allows(head, "user.update", departmentPlace(1, 8))).toBe(true);
    expect(allows(administrator, "user.update", departmentPlace(2, 8))).toBe(false);
  });
});
