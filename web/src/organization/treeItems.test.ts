import { describe, expect, it } from "vitest";
import type { Naming } from "./inPlace";
import { hospital, idOf } from "./sketch";
import { rowsOf } from "./tree";
import { type Item, itemsOf, newKey } from "./treeItems";

const tree = hospital();
const rows = rowsOf(tree, new Set([idOf(tree, "진료부")]));
const drawn = (items: readonly Item[]) => items.map((item) => "-".repeat(item.level - 1) + (item.row?.node.department.name ?? item.key));
const listed = (naming: Naming | null, told = false, refused = new Map<number, unknown>()) => itemsOf(rows, naming, told, refused);

describe("the list of a tree", () => {
  it("has the place of a new one behind all that is below its parent", () => {
    expect(drawn(listed({ kind: "create", parentId: idOf(tree, "진료부") }))).toEqual(["진료부", "-내과", "-외과", `-${newKey}`, "간호부", "행정부"]);
    expect(drawn(listed({ kind: "create", parentId: idOf(tree, "내과") }))).toEqual(["진료부", "-내과", `--${newKey}`, "-외과", "간호부", "행정부"]);
    expect(drawn(listed({ kind: "create", parentId: null }))).toEqual(["진료부", "-내과", "-외과", "간호부", "행정부", newKey]);
  });

  it("tells of what is being named, and of what was refused elsewhere", () => {
    const told = (items: readonly Item[]) => items.filter((item) => item.strip).map((item) => item.row?.node.department.name ?? item.key);
    const refused = new Map([[idOf(tree, "간호부"), {}]]);
    expect(told(listed(null, true, refused))).toEqual(["간호부"]);
    expect(told(listed({ kind: "rename", id: idOf(tree, "내과") }, true, refused))).toEqual(["내과", "간호부"]);
    expect(told(listed({ kind: "rename", id: idOf(tree, "간호부") }, false, refused))).toEqual([]); // it is named anew
    expect(told(listed({ kind: "create", parentId: null }, true))).toEqual([newKey]);
  });
});
