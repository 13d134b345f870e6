import type { Place } from "./departments";
import { type Item, newKey } from "./treeItems";
import { childrenOf, type Direction, keyPlace, type Tree } from "./tree";
import type { TreeView } from "./treeView";
import { beginsWith, letterOf, typing } from "./typeAhead";

const directions: Readonly<Record<string, Direction>> = { ArrowUp: "up", ArrowDown: "down", ArrowRight: "in", ArrowLeft: "out" };
const page = 10; // rows

/** What the keys of a tree do it with. */
export interface KeyedTree {
  readonly tree: () => Tree;
  readonly items: () => readonly Item[];
  readonly view: Pick<TreeView, "toggle">;
  readonly focus: (id: number) => void;
  readonly select: (id: number) => void;
  readonly move: (id: number, place: Place) => void;
  /** There is nothing further in that direction. */
  readonly stay: () => void;
  /** False if the user may not rename: then Enter selects. */
  readonly rename: (id: number) => boolean;
  readonly create: (parentId: number) => void;
  readonly remove: (id: number) => void;
  /** False if no message is shown. */
  readonly dismiss: (id: number) => boolean;
}

/** The keys of a tree (WAI-ARIA Authoring Practices, tree view), and those that rearrange it: whether a key is one of them. */
export function treeKeys(on: KeyedTree): (event: KeyboardEvent, id: number) => boolean {
  const type = typing();

  function step(to: number): boolean {
    const item = on.items()[to];
    if (item && item.key !== newKey) on.focus(item.key);
    return true;
  }

  function push(id: number, direction: Direction | undefined): boolean {
    if (!direction) return false;
    const place = keyPlace(on.tree(), id, direction);
    if (place) on.move(id, place);
    else on.stay();
    return true;
  }

  /** To the next department whose name begins with what was typed; the present one counts while more is typed. */
  function jump(typed: string, from: number): boolean {
    const all = on.items();
    const first = typed.length > 1 ? from : from + 1;
    for (let i = 0; i < all.length; i++) {
      const row = all[(first + i) % all.length]!.row;
      if (row && beginsWith(row.node.department.name, typed)) return step((first + i) % all.length);
    }
    return true;
  }

  return (event, id) => {
    const items = on.items();
    const index = Math.max(0, items.findIndex((item) => item.key === id));
    const row = items[index]?.row;
    if (!row) return false;
    if (event.altKey) return push(id, directions[event.key]);
    switch (event.key) {
      case "ArrowDown":
        return step(index + 1);
      case "ArrowUp":
        return step(index - 1);
      case "PageDown":
        return step(Math.min(index + page, items.length - 1));
      case "PageUp":
        return step(Math.max(index - page, 0));
      case "Home":
        return step(0);
      case "End":
        return step(items.length - 1);
      case "ArrowRight":
        if (row.opened === false) on.view.toggle(id, true);
        else if (row.opened) step(index + 1);
        return true;
      case "ArrowLeft":
        if (row.opened) on.view.toggle(id, false);
        else if (row.node.parent) on.focus(row.node.parent.department.id);
        return true;
      case "*":
        for (const sibling of childrenOf(on.tree(), row.node.department.parent_id)) on.view.toggle(sibling.department.id, true);
        return true;
      case " ":
        on.select(id);
        return true;
      case "Enter":
        if (!on.rename(id)) on.select(id);
        return true;
      case "F2":
        on.rename(id);
        return true;
      case "Insert":
        on.create(id);
        return true;
      case "Delete":
        on.remove(id);
        return true;
      case "Escape":
        return on.dismiss(id);
      default: {
        const letter = letterOf(event);
        return letter !== null && jump(type(letter), index);
      }
    }
  };
}
