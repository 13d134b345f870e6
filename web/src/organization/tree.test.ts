import { describe, expect, it } from "vitest";
import { hospital, idOf, type Sketch, sketch } from "./sketch";
import { childrenOf, dropPlace, everyNode, keyPlace, moved, pathOf, pathText, rowsOf, search, stored, type Tree, whyNot, without } from "./tree";

/** The tree as lines, a dash for each level. */
function drawn(tree: Tree): string[] {
  return [...everyNode(tree)].map((n) => "-".repeat(n.level - 1) + n.department.name);
}

function below(tree: Tree, name: string): string[] {
  return childrenOf(tree, idOf(tree, name)).map((n) => n.department.name);
}

describe("reading a tree", () => {
  it("knows the way from the top", () => {
    const tree = hospital();
    expect(pathText(pathOf(tree, idOf(tree, "심장내과")))).toBe("진료부 › 내과 › 심장내과");
    expect(pathOf(tree, 99)).toEqual([]);
  });

  it("counts everything below", () => {
    const tree = hospital();
    expect(tree.byId.get(idOf(tree, "진료부"))!.below).toBe(4);
  });

  it("shows the part that somebody may see, whose parents are hidden", () => {
    expect(drawn(sketch({ 병동: { "1병동": {} } }, 77))).toEqual(["병동", "-1병동"]);
  });
});

describe("the rows that are seen", () => {
  it("are those below opened departments, with their places among their siblings", () => {
    const tree = hospital();
    const rows = rowsOf(tree, new Set([idOf(tree, "진료부")]));
    expect(rows.map((r) => [r.node.department.name, r.node.level, r.posInSet, r.setSize, r.opened])).toEqual([
      ["진료부", 1, 1, 3, true],
      ["내과", 2, 1, 2, false],
      ["외과", 2, 2, 2, null],
      ["간호부", 1, 2, 3, false],
      ["행정부", 1, 3, 3, null],
    ]);
  });

  it("are, in a search, what was found and what stands above it", () => {
    const tree = hospital();
    const found = search(tree, "심장");
    expect(rowsOf(tree, found.above, found.kept).map((r) => r.node.department.name)).toEqual(["진료부", "내과", "심장내과"]);
    expect(found.matches).toEqual([idOf(tree, "심장내과")]);
  });

  it("are, in a search, also what is below a department that was found and opened", () => {
    const tree = hospital();
    const found = search(tree, "간호");
    expect(rowsOf(tree, new Set([idOf(tree, "간호부")]), found.kept).map((r) => r.node.department.name)).toEqual(["간호부", "병동"]);
  });

  it("are none when nothing was found", () => {
    const tree = hospital();
    const found = search(tree, "약제");
    expect(rowsOf(tree, found.above, found.kept)).toEqual([]);
  });
});

describe("dropping a department", () => {
  const drop = (tree: Tree, name: string, target: string, ...how: [zone: "before" | "into" | "after", opened?: boolean]) =>
    moved(tree, idOf(tree, name), dropPlace(tree, idOf(tree, name), idOf(tree, target), ...how)!);

  it("puts it before, after or into another one", () => {
    const tree = hospital();
    expect(drawn(drop(tree, "행정부", "진료부", "before"))[0]).toBe("행정부");
    expect(below(drop(tree, "병동", "내과", "after"), "진료부")).toEqual(["내과", "병동", "외과"]);
    expect(below(drop(tree, "병동", "내과", "into"), "내과")).toEqual(["심장내과", "소화기내과", "병동"]);
  });

  it("takes along what is below it", () => {
    const tree = drop(hospital(), "내과", "행정부", "into");
    expect(drawn(tree).slice(-4)).toEqual(["행정부", "-내과", "--심장내과", "--소화기내과"]);
  });

  it("does not count the moved one among its siblings", () => {
    const tree = hospital();
    expect(dropPlace(tree, idOf(tree, "진료부"), idOf(tree, "행정부"), "after")).toEqual({ parentId: null, position: 2 });
    expect(dropPlace(tree, idOf(tree, "행정부"), idOf(tree, "진료부"), "after")).toEqual({ parentId: null, position: 1 });
    expect(dropPlace(tree, idOf(tree, "심장내과"), idOf(tree, "내과"), "into")).toEqual({ parentId: idOf(tree, "내과"), position: 1 });
  });

  it("goes, after an opened one, before the first below it, where the line is seen", () => {
    expect(below(drop(hospital(), "행정부", "진료부", "after", true), "진료부")).toEqual(["행정부", "내과", "외과"]);
  });

  it("is not beside one whose siblings are hidden", () => {
    const tree = sketch({ 병동: { "1병동": {} } }, 77);
    expect(dropPlace(tree, idOf(tree, "1병동"), idOf(tree, "병동"), "before")).toBeNull();
    expect(dropPlace(tree, idOf(tree, "1병동"), idOf(tree, "병동"), "into")).not.toBeNull();
  });

  it("is not into itself or below itself", () => {
    const tree = hospital();
    expect(whyNot(tree, idOf(tree, "진료부"), idOf(tree, "심장내과"))).toBe("department.move_into_own_subtree");
    expect(whyNot(tree, idOf(tree, "진료부"), idOf(tree, "진료부"))).toBe("department.move_into_own_subtree");
    expect(whyNot(tree, idOf(tree, "진료부"), idOf(tree, "행정부"))).toBeNull();
    expect(whyNot(tree, idOf(tree, "진료부"), null)).toBeNull();
  });

  it("is not deeper than 32 levels", () => {
    let deep: Sketch = { 끝: {} };
    for (let level = 31; level >= 1; level--) deep = { [`${level}단계`]: deep };
    const tree = sketch({ ...deep, 혼자: {}, 둘: { 아래: {} } });
    expect(whyNot(tree, idOf(tree, "혼자"), idOf(tree, "끝"))).toBe("department.too_deep");
    expect(whyNot(tree, idOf(tree, "둘"), idOf(tree, "31단계"))).toBe("department.too_deep");
    expect(whyNot(tree, idOf(tree, "혼자"), idOf(tree, "31단계"))).toBeNull();
  });
});

describe("moving a department by keys", () => {
  const move = (tree: Tree, name: string, direction: "up" | "down" | "in" | "out") => {
    const place = keyPlace(tree, idOf(tree, name), direction);
    return place && moved(tree, idOf(tree, name), place);
  };

  it("goes up and down among its siblings, and stays at the ends", () => {
    expect(below(move(hospital(), "외과", "up")!, "진료부")).toEqual(["외과", "내과"]);
    expect(below(move(hospital(), "내과", "down")!, "진료부")).toEqual(["외과", "내과"]);
    expect(move(hospital(), "내과", "up")).toBeNull();
    expect(move(hospital(), "외과", "down")).toBeNull();
  });

  it("goes into the one before it, as the last there", () => {
    expect(below(move(hospital(), "외과", "in")!, "내과")).toEqual(["심장내과", "소화기내과", "외과"]);
    expect(move(hospital(), "진료부", "in")).toBeNull();
  });

  it("goes out, right after its parent", () => {
    expect(below(move(hospital(), "심장내과", "out")!, "진료부")).toEqual(["내과", "심장내과", "외과"]);
    expect(move(hospital(), "진료부", "out")).toBeNull();
  });

  it("moves one whose siblings are hidden nowhere", () => {
    const tree = sketch({ 병동: { "1병동": {} } }, 77);
    expect(move(tree, "병동", "down")).toBeNull();
    expect(move(tree, "1병동", "out")).toBeNull();
  });
});

describe("a tree after a change", () => {
  it("shows a new department where its number puts it", () => {
    const tree = hospital();
    const nursing = tree.byId.get(idOf(tree, "간호부"))!.department;
    const added = stored(tree, { ...nursing, id: 50, parent_id: null, name: "약제부", sort_order: 1500 });
    expect(added.tops.map((n) => n.department.name)).toEqual(["진료부", "약제부", "간호부", "행정부"]);
    expect(stored(tree, { ...nursing, id: 51, parent_id: nursing.id, name: "수술실", sort_order: 2000 }).byId.get(51)?.index).toBe(1);
  });

  it("keeps a renamed one where it was", () => {
    const tree = hospital();
    const inner = tree.byId.get(idOf(tree, "내과"))!.department;
    expect(drawn(stored(tree, { ...inner, name: "내과부" })).slice(0, 4)).toEqual(["진료부", "-내과부", "--심장내과", "--소화기내과"]);
  });

  it("loses a deleted one with everything below", () => {
    const tree = hospital();
    expect(drawn(without(tree, idOf(tree, "진료부")))).toEqual(["간호부", "-병동", "행정부"]);
  });
});
