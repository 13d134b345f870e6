import { beforeEach, describe, expect, it } from "vitest";
import { hospital, idOf } from "./sketch";
import { rowsOf } from "./tree";
import { itemsOf } from "./treeItems";
import { treeKeys } from "./treeKeys";

const tree = hospital();
const id = (name: string) => idOf(tree, name);
const nameOf = (of: number) => tree.byId.get(of)!.department.name;

let opened: Set<number>;
let did: string[];
let mayRename: boolean;
let refused: boolean;
beforeEach(() => {
  opened = new Set([id("진료부")]);
  did = [];
  mayRename = true;
  refused = false;
});

const act = treeKeys({
  tree: () => tree,
  items: () => itemsOf(rowsOf(tree, opened), null, false, new Map()),
  view: { toggle: (of, open) => void did.push(`${open ? "open" : "close"} ${nameOf(of)}`) },
  focus: (of) => void did.push(`to ${nameOf(of)}`),
  select: (of) => void did.push(`select ${nameOf(of)}`),
  move: (of, { parentId, position }) => void did.push(`move ${nameOf(of)} below ${parentId === null ? "the top" : nameOf(parentId)} at ${position}`),
  stay: () => void did.push("stay"),
  rename: (of) => (mayRename && did.push(`rename ${nameOf(of)}`), mayRename),
  create: (of) => void did.push(`create below ${nameOf(of)}`),
  remove: (of) => void did.push(`remove ${nameOf(of)}`),
  dismiss: () => refused,
});

/** What a key does; null where it is none of the tree's. */
function press(at: string, key: string, altKey = false): string | null {
  did = [];
  return act({ key, altKey, code: "" } as KeyboardEvent, id(at)) ? did.join(", ") : null;
}

describe("the keys of a tree", () => {
  it("go from row to row, and no further than there are any", () => {
    expect(press("진료부", "ArrowDown")).toBe("to 내과");
    expect(press("내과", "ArrowUp")).toBe("to 진료부");
    expect(press("진료부", "ArrowUp")).toBe("");
    expect(press("내과", "End")).toBe("to 행정부");
    expect(press("내과", "PageUp")).toBe("to 진료부");
    expect(press("내과", "PageDown")).toBe("to 행정부");
  });

  it("open, close, and go in and out", () => {
    expect(press("내과", "ArrowRight")).toBe("open 내과");
    expect(press("진료부", "ArrowRight")).toBe("to 내과");
    expect(press("진료부", "ArrowLeft")).toBe("close 진료부");
    expect(press("내과", "ArrowLeft")).toBe("to 진료부");
    expect(press("진료부", "*")).toBe("open 진료부, open 간호부, open 행정부");
  });

  it("move with Alt, where there is a place to go to", () => {
    expect(press("외과", "ArrowUp", true)).toBe("move 외과 below 진료부 at 0");
    expect(press("외과", "ArrowLeft", true)).toBe("move 외과 below the top at 1");
    expect(press("외과", "ArrowRight", true)).toBe("move 외과 below 내과 at 2");
    expect(press("진료부", "ArrowUp", true)).toBe("stay");
    expect(press("진료부", "F4", true)).toBeNull(); // the browser's
  });

  it("name, create, remove and select", () => {
    expect(press("내과", "Enter")).toBe("rename 내과");
    expect(press("내과", "Insert")).toBe("create below 내과");
    expect(press("내과", "Delete")).toBe("remove 내과");
    expect(press("내과", " ")).toBe("select 내과");
    mayRename = false;
    expect(press("내과", "Enter")).toBe("select 내과");
    expect(press("내과", "F2")).toBe("");
  });

  it("go to what begins with a letter, around the end", () => {
    expect(press("행정부", "s")).toBe("to 내과"); // ㄴ
  });

  it("leave Escape to others where nothing is told", () => {
    expect(press("내과", "Escape")).toBeNull();
    refused = true;
    expect(press("내과", "Escape")).toBe("");
    expect(press("내과", "Tab")).toBeNull();
  });
});
