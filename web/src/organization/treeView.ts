import { computed, type ComputedRef, type Ref, ref, type ShallowRef, shallowRef, watch } from "vue";
import { everyNode, type Found, pathOf, type Row, rowsOf, search, type Tree } from "./tree";

/** How a tree is looked at: what is opened, and what is searched for in it. */
export interface TreeView {
  readonly text: Ref<string>;
  /** What the text found; null while nothing is searched for. */
  readonly found: ComputedRef<Found | null>;
  readonly rows: ComputedRef<readonly Row[]>;
  /** Opens or closes a department, or the other way than it is. */
  readonly toggle: (id: number, open?: boolean) => void;
  /** Opens whatever stands above a department, so that it is seen; a search that hides it ends. */
  readonly reveal: (id: number) => void;
  readonly openAll: () => void;
  readonly closeAll: () => void;
}

/** `opened` outlives the view, so that users find the tree as they left it. */
export function useTreeView(tree: () => Tree | undefined, opened: ShallowRef<ReadonlySet<number>>): TreeView {
  const text = ref("");
  const found = computed(() => {
    const now = tree();
    return now && text.value.trim() ? search(now, text.value) : null;
  });

  // A search opens what it needs; what is opened and closed meanwhile is its own, and over with it.
  const openedInSearch = shallowRef<ReadonlySet<number>>(new Set());
  watch(text, () => (openedInSearch.value = found.value?.above ?? new Set()), { flush: "sync" });
  const current = () => (found.value ? openedInSearch : opened);

  const rows = computed(() => {
    const now = tree();
    return now ? rowsOf(now, current().value, found.value?.kept ?? null) : [];
  });

  function toggle(id: number, open?: boolean): void {
    const set = new Set(current().value);
    if (open ?? !set.has(id)) set.add(id);
    else set.delete(id);
    current().value = set;
  }

  function reveal(id: number): void {
    const now = tree();
    if (!now) return;
    if (found.value && !found.value.kept.has(id)) text.value = "";
    const above = pathOf(now, id).slice(0, -1);
    if (above.every((d) => current().value.has(d.id))) return;
    current().value = new Set([...current().value, ...above.map((d) => d.id)]);
  }

  function openAll(): void {
    const now = tree();
    if (now) current().value = new Set([...everyNode(now)].filter((n) => n.children.length > 0).map((n) => n.department.id));
  }

  return { text, found, rows, toggle, reveal, openAll, closeAll: () => (current().value = new Set()) };
}

/** What is opened at first: the top, as long as that stays a matter of one look. */
export function openedAtFirst(tree: Tree, manyRows = 40): ReadonlySet<number> {
  const below = tree.tops.reduce((sum, top) => sum + 1 + top.children.length, 0);
  return new Set(below <= manyRows ? tree.tops.map((top) => top.department.id) : []);
}
