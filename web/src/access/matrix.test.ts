import { describe, expect, it } from "vitest";
import { changesOf, choose, chosenOf, groupsOf, permissionsAt, inColumns, narrow, type Permission } from "./matrix";

const named = (...names: string[]): Permission[] => names.map((name) => ({ name, description: name, scopes: ["system"] }));

describe("the matrix of a role", () => {
  it("shows what every installation has first, and later modules after that", () => {
    const groups = groupsOf(named("asset.read", "grant.read", "organization.read", "user.read", "bed.read"));
    expect(groups.map((g) => g.object)).toEqual(["organization", "user", "grant", "asset", "bed"]);
  });

  it("begins with seeing and ends with deleting", () => {
    const [users] = groupsOf(named("user.activate", "user.create", "user.delete", "user.end_sessions", "user.move", "user.read", "user.update"));
    expect(users?.permissions.map((p) => p.name)).toEqual(["user.read", "user.create", "user.update", "user.move", "user.activate", "user.end_sessions", "user.delete"]);
  });

  it("takes a name without a dot as it is", () => {
    expect(groupsOf(named("everything"))[0]?.object).toBe("everything");
  });

  it("leaves out a group of which nothing is left", () => {
    const groups = groupsOf(named("user.read", "role.read", "role.delete"));
    expect(narrow(groups, (p) => p.name === "role.read").map((g) => [g.object, g.permissions.length])).toEqual([["role", 1]]);
  });

  it("fills two columns alike", () => {
    const groups = groupsOf(named("organization.read", "organization.update", "department.read", "user.read", "session.read", "role.read"));
    expect(inColumns(groups, 2).map((column) => column.map((g) => g.object))).toEqual([["organization", "session"], ["department", "user", "role"]]);
    expect(inColumns(groups, 1)).toEqual([groups]);
  });

  it("says whether all, some or none of a group are chosen", () => {
    expect(chosenOf(["a", "b"], ["a", "b", "c"])).toBe("all");
    expect(chosenOf(["a", "b"], ["b"])).toBe("some");
    expect(chosenOf(["a", "b"], ["c"])).toBe("none");
  });

  it("reads the same however it was put together", () => {
    expect(choose(["user.read"], ["role.read", "user.read"], true)).toEqual(choose(["role.read"], ["user.read"], true));
    expect(choose(["a", "b", "c"], ["a", "c"], false)).toEqual(["b"]);
  });

  it("loses what cannot be held so narrowly", () => {
    const all = [
      { name: "organization.update", description: "", scopes: ["system", "organization"] },
      { name: "user.read", description: "", scopes: ["system", "organization", "department"] },
    ];
    expect(permissionsAt(["organization.update", "user.read"], all, "department")).toEqual({ held: ["user.read"], left: ["organization.update"] });
    expect(permissionsAt(["organization.update"], all, "organization").left).toEqual([]);
  });

  it("tells what is given and what is taken", () => {
    expect(changesOf(["user.read", "user.move"], ["user.read", "user.delete"])).toEqual({ added: ["user.delete"], removed: ["user.move"] });
    expect(changesOf(["a"], ["a"])).toEqual({ added: [], removed: [] });
  });
});
