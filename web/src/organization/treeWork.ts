import { useQueryClient } from "@tanstack/vue-query";
import { computed, type ComputedRef, type Ref, ref, type ShallowRef, shallowRef } from "vue";
import { i18n } from "@/platform/i18n";
import { quotedWith } from "@/platform/particles";
import { departmentPlace, type KnownPlace, organizationPlace } from "@/platform/place";
import { Problem } from "@/platform/problem";
import { useSession } from "@/platform/session";
import { changeDepartment, createDepartment, type Department, departmentById, moveDepartment, type Place, useDepartmentsChanged } from "./departments";
import { type InPlace, useInPlace } from "./inPlace";
import { makeMoves } from "./moves";
import { pathOf, samePlace, placeOf, stored, type Tree, treeKey, useTree, whyNot, without } from "./tree";

/** A refusal about a department of that name; `lead` is the message key of what failed. */
export interface Refusal {
  readonly name: string;
  readonly lead: string;
  /** The refused new name. */
  readonly typed?: string;
  readonly problem: Problem;
}

/** The sentence that describes a refusal. */
export function leadOf({ lead, name, typed }: Refusal): string {
  return i18n.global.t(lead, { name: quotedWith(name, "을/를"), typed: quotedWith(typed ?? "", "으로/로") });
}

/** A tree, its operations, and their refusals. */
export interface TreeWork {
  readonly organizationId: number;
  readonly tree: ComputedRef<Tree | undefined>;
  readonly query: ReturnType<typeof useTree>;
  readonly inPlace: InPlace;
  /** By department; null for a new top-level one. */
  readonly refusals: ShallowRef<ReadonlyMap<number | null, Refusal>>;
  /** Whether the department has a refusal. */
  readonly dismiss: (id: number | null) => boolean;
  /** The last change, for screen readers. */
  readonly said: Ref<string>;
  /** Whether the user has a permission for a department; null for the top level. */
  readonly may: (permission: string, departmentId: number | null) => boolean;
  /** Why a department may not be moved there, as a message key; null if the console knows no reason. */
  readonly whyNotMove: (id: number, place: Place) => string | null;
  /** "Below" a department, or at the top, as a part of a sentence. */
  readonly whereText: (parentId: number | null) => string;
  /** Moves; returns the refusal, null on success. */
  readonly move: (id: number, place: Place) => Promise<Problem | null>;
  /** Moves; a refusal is shown in the tree. */
  readonly moveInTree: (id: number, place: Place) => Promise<void>;
  /** Shows the stored department and invalidates the queries that depend on it. */
  readonly changed: (department: Department) => void;
  readonly removed: (id: number) => void;
}

export function useTreeWork(organizationId: number): TreeWork {
  const queries = useQueryClient();
  const session = useSession();
  const query = useTree(() => organizationId);
  const tree = computed(() => query.data.value);
  const invalidate = useDepartmentsChanged();
  const refusals = shallowRef<ReadonlyMap<number | null, Refusal>>(new Map());
  const said = ref("");
  const { t } = i18n.global;

  function show(anew: Tree): void {
    void queries.cancelQueries({ queryKey: treeKey(organizationId) }); // what is on its way is older
    queries.setQueryData(treeKey(organizationId), anew);
  }

  function changed(department: Department): void {
    if (tree.value) show(stored(tree.value, department));
    void invalidate();
  }

  function removed(id: number): void {
    dismiss(id);
    if (tree.value) show(without(tree.value, id));
    void invalidate();
  }

  function where(departmentId: number | null): KnownPlace {
    if (departmentId === null) return organizationPlace(organizationId);
    return { ...departmentPlace(organizationId, departmentId), path: tree.value ? pathOf(tree.value, departmentId).map((d) => d.id) : undefined };
  }

  const may = (permission: string, departmentId: number | null) => session.may(permission, where(departmentId));

  const move = makeMoves({
    tree: () => tree.value,
    show,
    send: moveDepartment,
    settled: () => void invalidate(),
  });

  function whyNotMove(id: number, place: Place): string | null {
    if (!tree.value) return null;
    if (!may("department.move", id) || !may("department.move", place.parentId)) return "problems.forbidden";
    const code = whyNot(tree.value, id, place.parentId);
    return code && `problems.${code}`;
  }

  async function moveInTree(id: number, place: Place): Promise<void> {
    const now = tree.value;
    const node = now?.byId.get(id);
    if (!now || !node || samePlace(placeOf(node), place)) return;
    dismiss(id);
    const why = whyNotMove(id, place);
    const problem = why ? new Problem(0, why.replace("problems.", ""), "") : await move(id, place);
    if (problem) return refuse(id, { name: node.department.name, lead: "department.notMoved", problem });
    said.value = t("department.movedTo", { name: node.department.name, where: whereText(place.parentId), position: place.position + 1 });
  }

  function whereText(parentId: number | null): string {
    return parentId === null ? t("department.atTheTop") : t("department.belowOf", { name: tree.value?.byId.get(parentId)?.department.name ?? "" });
  }

  function refuse(id: number | null, refusal: Refusal): void {
    refusals.value = new Map(refusals.value).set(id, refusal);
  }

  function dismiss(id: number | null): boolean {
    if (!refusals.value.has(id)) return false;
    refusals.value = new Map([...refusals.value].filter(([other]) => other !== id));
    return true;
  }

  const inPlace = useInPlace({
    read: departmentById,
    rename: (id, name, etag) => changeDepartment(id, { name }, etag),
    create: (parentId, name) => createDepartment(organizationId, parentId, name),
    show: changed,
    refused: (what, typed, problem) => {
      if (what.kind === "create") return refuse(what.parentId, { name: typed, lead: "department.notCreated", problem });
      refuse(what.id, { name: tree.value?.byId.get(what.id)?.department.name ?? "", lead: "department.notRenamedTo", typed, problem });
    },
  });

  return { organizationId, tree, query, inPlace, refusals, dismiss, said, may, whyNotMove, whereText, move, moveInTree, changed, removed };
}
