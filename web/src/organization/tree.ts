import { skipToken, useQuery } from "@tanstack/vue-query";
import { markRaw } from "vue";
import { api, body } from "@/platform/api";
import type { Schemas } from "@/platform/schema";
import { type Department, departmentsKey, type Place } from "./departments";
import { matchIn } from "./matching";

/** A tree has at most so many levels. */
export const levels = 32;

/** A department where it stands. `level` is 1 at the top. */
export interface TreeNode {
  readonly department: Department;
  readonly parent: TreeNode | null;
  readonly children: readonly TreeNode[];
  readonly level: number;
  /** How many departments stand below it, on all levels. */
  readonly below: number;
  /** How many siblings stand before it. */
  readonly index: number;
}

/** The departments of an organization as far as the reader may see them: the parents of those at the top may be hidden. */
export interface Tree {
  readonly tops: readonly TreeNode[];
  readonly byId: ReadonlyMap<number, TreeNode>;
}

/** The key of the query that `useTree` makes; it holds a Tree. */
export function treeKey(organizationId: number | null): readonly unknown[] {
  return [...departmentsKey, "tree", organizationId];
}

/** The tree of an organization; nothing is asked for while it is null. */
export function useTree(organizationId: () => number | null) {
  return useQuery(() => {
    const id = organizationId();
    return {
      queryKey: treeKey(id),
      queryFn: id === null ? skipToken : () => loadTree(id),
      structuralSharing: false, // nodes know their parents: there is no end to comparing them
      shallow: true,
    };
  });
}

export async function loadTree(organizationId: number): Promise<Tree> {
  return treeOf((await body(api.GET("/organizations/{id}/tree", { params: { path: { id: organizationId } } }))) ?? []);
}

/** Makes a tree of what the API gives. */
export function treeOf(nested: readonly Schemas["DepartmentNode"][]): Tree {
  const departments: Department[] = [];
  const take = (nodes: readonly Schemas["DepartmentNode"][]) => {
    for (const { children, ...department } of nodes) {
      departments.push(department);
      take(children);
    }
  };
  take(nested);
  return treeFrom(departments);
}

/** Makes a tree of departments; siblings stand in the order in which they are given. */
function treeFrom(departments: Iterable<Department>): Tree {
  const below = new Map<number | null, Department[]>();
  const ids = new Set<number>();
  for (const department of departments) {
    ids.add(department.id);
    const siblings = below.get(department.parent_id);
    if (siblings) siblings.push(department);
    else below.set(department.parent_id, [department]);
  }
  const byId = new Map<number, TreeNode>();
  const grow = (department: Department, parent: TreeNode | null, index: number): TreeNode => {
    const children: TreeNode[] = [];
    const node = { department, parent, children, level: (parent?.level ?? 0) + 1, index, below: 0 };
    byId.set(department.id, node);
    for (const child of below.get(department.id) ?? []) children.push(grow(child, node, children.length));
    node.below = children.reduce((sum, child) => sum + 1 + child.below, 0);
    return node;
  };
  const tops: TreeNode[] = [];
  for (const [parentId, siblings] of below) {
    if (parentId !== null && ids.has(parentId)) continue;
    siblings.forEach((top, i) => tops.push(grow(top, null, i)));
  }
  return markRaw({ tops, byId });
}

/** All departments in their order, each before those below it. */
export function* everyNode(tree: Tree, from: readonly TreeNode[] = tree.tops): Generator<TreeNode> {
  for (const node of from) {
    yield node;
    yield* everyNode(tree, node.children);
  }
}

/** The ancestors of a department, from the top down, and itself at the end; empty if it does not exist. */
export function pathOf(tree: Tree, id: number): Department[] {
  const path: Department[] = [];
  for (let node = tree.byId.get(id) ?? null; node; node = node.parent) path.unshift(node.department);
  return path;
}

/** The names of departments from the top down. */
export function pathText(path: readonly Department[]): string {
  return path.map((d) => d.name).join(" › ");
}

export function isWithin(tree: Tree, id: number, topId: number): boolean {
  for (let node = tree.byId.get(id) ?? null; node; node = node.parent) if (node.department.id === topId) return true;
  return false;
}

/** How many levels a department and what is below it take. */
function heightOf(node: TreeNode): number {
  return 1 + Math.max(0, ...node.children.map(heightOf));
}

/** What a search found. */
export interface Found {
  /** In the order of the tree. */
  readonly matches: readonly number[];
  /** The matches and all above them. */
  readonly kept: ReadonlySet<number>;
  /** All above a match. */
  readonly above: ReadonlySet<number>;
}

/** The departments whose name or code holds a text, and what stands above them. */
export function search(tree: Tree, text: string): Found {
  const matches: number[] = [];
  const kept = new Set<number>();
  const above = new Set<number>();
  for (const node of everyNode(tree)) {
    const { id, name, code } = node.department;
    if (!matchIn(name, text) && !(code && matchIn(code, text))) continue;
    matches.push(id);
    kept.add(id);
    for (let up = node.parent; up && !above.has(up.department.id); up = up.parent) {
      above.add(up.department.id);
      kept.add(up.department.id);
    }
  }
  return { matches, kept, above };
}

/** A row of the tree as it is seen; `opened` is null where nothing is below. */
export interface Row {
  readonly node: TreeNode;
  readonly opened: boolean | null;
  readonly setSize: number;
  readonly posInSet: number;
}

/**
 * The rows that are seen when these departments are opened. With `kept`, only those; one that is opened and has none of
 * them below shows all that it has.
 */
export function rowsOf(tree: Tree, opened: ReadonlySet<number>, kept: ReadonlySet<number> | null = null): Row[] {
  const rows: Row[] = [];
  const add = (nodes: readonly TreeNode[]) => {
    nodes.forEach((node, i) => {
      const open = opened.has(node.department.id);
      rows.push({ node, opened: node.children.length === 0 ? null : open, setSize: nodes.length, posInSet: i + 1 });
      if (open) add(narrowed(node.children));
    });
  };
  const narrowed = (nodes: readonly TreeNode[]) => {
    const those = kept ? nodes.filter((n) => kept.has(n.department.id)) : nodes;
    return those.length > 0 ? those : nodes;
  };
  add(kept ? tree.tops.filter((n) => kept.has(n.department.id)) : tree.tops);
  return rows;
}

export type Zone = "before" | "into" | "after";

/**
 * The place of a department that is dropped on a target; null if it cannot become a sibling, since the user may not see the
 * target's parent. After an expanded target means before its first subdepartment.
 */
export function dropPlace(tree: Tree, id: number, targetId: number, zone: Zone, targetOpened = false): Place | null {
  const target = tree.byId.get(targetId);
  if (!target || id === targetId) return null;
  if (zone === "into") return placeAtEnd(tree, id, targetId);
  if (zone === "after" && targetOpened && target.children.length > 0) return { parentId: targetId, position: 0 };
  if (hiddenParent(target)) return null;
  const others = childrenOf(tree, target.department.parent_id).filter((n) => n.department.id !== id);
  return { parentId: target.department.parent_id, position: others.indexOf(target) + (zone === "after" ? 1 : 0) };
}

/** The last place below a department, or at the top. */
export function placeAtEnd(tree: Tree, id: number, parentId: number | null): Place {
  return { parentId, position: childrenOf(tree, parentId).filter((n) => n.department.id !== id).length };
}

export type Direction = "up" | "down" | "in" | "out";

/** Where a key moves a department: among its siblings, into the one before it, or out, after its parent. Null: nowhere. */
export function keyPlace(tree: Tree, id: number, direction: Direction): Place | null {
  const node = tree.byId.get(id);
  if (!node || hiddenParent(node)) return null;
  const parentId = node.department.parent_id;
  const siblings = childrenOf(tree, parentId);
  switch (direction) {
    case "up":
      return node.index > 0 ? { parentId, position: node.index - 1 } : null;
    case "down":
      return node.index < siblings.length - 1 ? { parentId, position: node.index + 1 } : null;
    case "in": {
      const before = siblings[node.index - 1];
      return before ? { parentId: before.department.id, position: before.children.length } : null;
    }
    case "out":
      if (!node.parent || hiddenParent(node.parent)) return null;
      return { parentId: node.parent.department.parent_id, position: node.parent.index + 1 };
  }
}

/** Where a department stands. */
export function placeOf(node: TreeNode): Place {
  return { parentId: node.department.parent_id, position: node.index };
}

export function samePlace(a: Place, b: Place): boolean {
  return a.parentId === b.parentId && a.position === b.position;
}

/** The code of the problem that moving a department below another one would be refused with; null when nothing is in the way. */
export function whyNot(tree: Tree, id: number, parentId: number | null): "department.move_into_own_subtree" | "department.too_deep" | null {
  const node = tree.byId.get(id);
  if (!node || parentId === null) return null;
  if (isWithin(tree, parentId, id)) return "department.move_into_own_subtree";
  const above = tree.byId.get(parentId)?.level ?? 0;
  return above + heightOf(node) > levels ? "department.too_deep" : null;
}

/** The tree once a department stands elsewhere. */
export function moved(tree: Tree, id: number, place: Place): Tree {
  const node = tree.byId.get(id);
  if (!node || whyNot(tree, id, place.parentId)) return tree;
  const next = childrenOf(tree, place.parentId).filter((n) => n.department.id !== id)[place.position];
  return arranged(tree, { ...node.department, parent_id: place.parentId }, next?.department.id ?? null);
}

/** The tree with a department as it is now: changed, moved, or new. Its place follows from its sort_order. */
export function stored(tree: Tree, department: Department): Tree {
  const next = childrenOf(tree, department.parent_id).find(
    ({ department: d }) => d.id !== department.id && (d.sort_order - department.sort_order || d.id - department.id) > 0,
  );
  return arranged(tree, department, next?.department.id ?? null);
}

/** The tree without a department, and without what is below it. */
export function without(tree: Tree, id: number): Tree {
  return treeFrom([...everyNode(tree)].filter((n) => !isWithin(tree, n.department.id, id)).map((n) => n.department));
}

/** The tree with a department before another one, or last where that is null. */
function arranged(tree: Tree, department: Department, beforeId: number | null): Tree {
  const all: Department[] = [];
  for (const { department: other } of everyNode(tree)) {
    if (other.id === beforeId) all.push(department);
    if (other.id !== department.id) all.push(other);
  }
  if (beforeId === null) all.push(department);
  return treeFrom(all);
}

/** The departments directly below one, or at the top. */
export function childrenOf(tree: Tree, parentId: number | null): readonly TreeNode[] {
  return parentId === null ? tree.tops.filter((n) => n.department.parent_id === null) : (tree.byId.get(parentId)?.children ?? []);
}

/** Whether a department stands below one that the reader may not see. */
export function hiddenParent(node: TreeNode): boolean {
  return node.parent === null && node.department.parent_id !== null;
}
