import { expect, it } from "vitest";
import { shallowRef } from "vue";
import { sketch } from "./sketch";
import { openedAtFirst, useTreeView } from "./treeView";

const tree = sketch({ 진료부: { 내과: { 심장내과: {} } }, 간호부: {} });

function view() {
  const opened = shallowRef<ReadonlySet<number>>(new Set());
  const made = useTreeView(() => tree, opened);
  return { ...made, names: () => made.rows.value.map((r) => r.node.department.name) };
}

it("opens and closes, one and all", () => {
  const { names, toggle, openAll, closeAll } = view();
  toggle(1);
  expect(names()).toEqual(["진료부", "내과", "간호부"]);
  openAll();
  expect(names()).toEqual(["진료부", "내과", "심장내과", "간호부"]);
  closeAll();
  expect(names()).toEqual(["진료부", "간호부"]);
});

it("keeps what was opened before a search for after it", () => {
  const { names, toggle, text } = view();
  toggle(1);
  text.value = "심장";
  expect(names()).toEqual(["진료부", "내과", "심장내과"]);
  toggle(2, false);
  expect(names()).toEqual(["진료부", "내과"]);
  text.value = "";
  expect(names()).toEqual(["진료부", "내과", "간호부"]);
});

it("opens what hides a department, and ends a search that does", () => {
  const { names, reveal, text } = view();
  reveal(3);
  expect(names()).toContain("심장내과");
  text.value = "간호";
  reveal(3);
  expect(text.value).toBe("");
  expect(names()).toContain("심장내과");
});

it("begins with the top opened where that is not too much", () => {
  expect([...openedAtFirst(tree)]).toEqual([1, 4]);
  expect([...openedAtFirst(tree, 2)]).toEqual([]);
});
