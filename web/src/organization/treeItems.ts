import type { Naming } from "./inPlace";
import type { Row } from "./tree";

/** The key of the row of one that is being created. */
export const newKey = "new" as const;

/** What stands in the list of a tree: a department, or the place of a new one. */
export interface Item {
  readonly key: number | typeof newKey;
  readonly row: Row | null;
  readonly level: number;
  /** Whether something is told below its name. */
  readonly strip: boolean;
}

/** The rows with the place of what is being created; `told` is whether something is said of what is being named, `refused` of what else. */
export function itemsOf(rows: readonly Row[], naming: Naming | null, told: boolean, refused: ReadonlyMap<number | null, unknown>): readonly Item[] {
  const list: Item[] = rows.map((row) => {
    const { id } = row.node.department;
    const named = naming?.kind === "rename" && naming.id === id;
    return { key: id, row, level: row.node.level, strip: named ? told : refused.has(id) };
  });
  if (naming?.kind !== "create") return list;
  const { parentId } = naming;
  const parentAt = parentId === null ? -1 : list.findIndex((i) => i.key === parentId);
  const level = parentId === null ? 1 : (list[parentAt]?.level ?? 0) + 1;
  let at = parentAt + 1;
  while (at < list.length && list[at]!.level >= level) at++; // behind all that is there
  list.splice(at, 0, { key: newKey, row: null, level, strip: told });
  return list;
}
