import type { Naming } from "./inPlace";
import type { Row } from "./tree";

/** The key of the row of a department that is being created. */
export const newKey = "new" as const;

/** A row in the list of a tree: a department, or the input for a new one. */
export interface Item {
  readonly key: number | typeof newKey;
  readonly row: Row | null;
  readonly level: number;
  /** Whether a message is shown below the name. */
  readonly strip: boolean;
}

/** The rows of the tree, with one for a department that is being created. `hasMessage` is about the department that is being named, `refused` about others. */
export function itemsOf(rows: readonly Row[], naming: Naming | null, hasMessage: boolean, refused: ReadonlyMap<number | null, unknown>): readonly Item[] {
  const list: Item[] = rows.map((row) => {
    const { id } = row.node.department;
    const named = naming?.kind === "rename" && naming.id === id;
    return { key: id, row, level: row.node.level, strip: named ? hasMessage : refused.has(id) };
  });
  if (naming?.kind !== "create") return list;
  const { parentId } = naming;
  const parentAt = parentId === null ? -1 : list.findIndex((i) => i.key === parentId);
  const level = parentId === null ? 1 : (list[parentAt]?.level ?? 0) + 1;
  let at = parentAt + 1;
  while (at < list.length && list[at]!.level >= level) at++; // after its siblings
  list.splice(at, 0, { key: newKey, row: null, level, strip: hasMessage });
  return list;
}
