import type { Schemas } from "@/platform/schema";
import { everyNode, type Tree, treeOf } from "./tree";

export type Sketch = { readonly [name: string]: Sketch };

/** For tests: a tree of names, numbered from 1 in their order. */
export function sketch(names: Sketch, parentId: number | null = null): Tree {
  let id = 0;
  const grow = (below: Sketch, parent: number | null): Schemas["DepartmentNode"][] =>
    Object.entries(below).map(([name, children], i) => {
      const own = ++id;
      const at = "2026-11-23T00:00:00Z";
      return { id: own, organization_id: 1, parent_id: parent, name, code: null, sort_order: (i + 1) * 1000, created_at: at, updated_at: at, children_count: Object.keys(children).length, children: grow(children, own) };
    });
  return treeOf(grow(names, parentId));
}

export const hospital = () => sketch({ 진료부: { 내과: { 심장내과: {}, 소화기내과: {} }, 외과: {} }, 간호부: { 병동: {} }, 행정부: {} });

export function idOf(tree: Tree, name: string): number {
  return [...everyNode(tree)].find((n) => n.department.name === name)!.department.id;
}
