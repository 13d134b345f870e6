import { computed, type ComputedRef, type Ref, ref, type ShallowRef, shallowRef } from "vue";
import type { Answer } from "@/platform/api";
import { type Problem, problemOf } from "@/platform/problem";
import type { Department } from "./departments";

/** What is named in the tree at the moment: a department that there is, or a new one below another one or at the top. */
export type Naming = { readonly kind: "rename"; readonly id: number } | { readonly kind: "create"; readonly parentId: number | null };

export interface InPlaceOptions {
  readonly read: (id: number) => Promise<Answer<Department>>;
  /** Errors: `stale` when it is not of that version any more; null overwrites whatever is there. */
  readonly rename: (id: number, name: string, etag: string | null) => Promise<Department>;
  readonly create: (parentId: number | null, name: string) => Promise<Department>;
  /** Shows what was stored, or what somebody else has stored meanwhile. */
  readonly show: (department: Department) => void;
}

/** Naming a department right where it stands. */
export interface InPlace {
  readonly naming: ShallowRef<Naming | null>;
  readonly text: Ref<string>;
  readonly write: (text: string) => void;
  readonly busy: Ref<boolean>;
  readonly problem: ShallowRef<Problem | null>;
  /** The name that somebody else gave it meanwhile; null while nobody did. */
  readonly theirs: Ref<string | null>;
  /** Whether something was typed that is not stored. */
  readonly unsaved: ComputedRef<boolean>;
  readonly rename: (department: Department) => void;
  readonly create: (parentId: number | null) => void;
  /** Stores what was typed; nothing or the same is as good as cancelling. The department, null while it is not stored. */
  readonly save: () => Promise<Department | null>;
  readonly overwrite: () => Promise<Department | null>;
  readonly takeTheirs: () => void;
  readonly cancel: () => void;
}

export function useInPlace(options: InPlaceOptions): InPlace {
  const naming = shallowRef<Naming | null>(null);
  const text = ref("");
  const busy = ref(false);
  const problem = shallowRef<Problem | null>(null);
  const theirs = ref<string | null>(null);
  const begun = ref(""); // the name that it began with
  let version: Promise<string | null> = Promise.resolve(null);

  function begin(what: Naming | null, name: string): void {
    naming.value = what;
    text.value = name;
    begun.value = name;
    problem.value = null;
    theirs.value = null;
  }

  function rename(department: Department): void {
    const what: Naming = { kind: "rename", id: department.id };
    begin(what, department.name);
    version = options.read(department.id).then(({ data, etag }) => {
      if (naming.value === what && data.name !== begun.value) {
        if (text.value === begun.value) text.value = data.name; // nothing was typed over it yet
        begun.value = data.name;
        options.show(data);
      }
      return etag;
    });
    version.catch(() => undefined); // told when it is needed
  }

  function create(parentId: number | null): void {
    begin({ kind: "create", parentId }, "");
  }

  function cancel(): void {
    begin(null, "");
  }

  async function save(): Promise<Department | null> {
    const what = naming.value;
    if (!what || busy.value) return null;
    const name = text.value.trim();
    if (name === "" || name === begun.value) {
      cancel();
      return null;
    }
    busy.value = true;
    problem.value = null;
    theirs.value = null;
    try {
      const department = what.kind === "create" ? await options.create(what.parentId, name) : await options.rename(what.id, name, await version);
      options.show(department);
      if (naming.value === what) cancel();
      return department;
    } catch (thrown) {
      busy.value = false;
      return await refused(what, problemOf(thrown));
    } finally {
      busy.value = false;
    }
  }

  async function refused(what: Naming, why: Problem): Promise<Department | null> {
    problem.value = why;
    if (why.code !== "stale" || what.kind !== "rename") return null;
    try {
      const { data, etag } = await options.read(what.id);
      const renamed = data.name !== begun.value;
      version = Promise.resolve(etag);
      begun.value = data.name;
      options.show(data);
      problem.value = null;
      if (!renamed) return await save(); // it was something else that they changed
      theirs.value = data.name;
    } catch (thrown) {
      problem.value = problemOf(thrown);
    }
    return null;
  }

  function takeTheirs(): void {
    text.value = begun.value;
    theirs.value = null;
  }

  return {
    naming,
    text,
    write: (anew) => (text.value = anew),
    busy,
    problem,
    theirs,
    unsaved: computed(() => naming.value !== null && text.value.trim() !== "" && text.value.trim() !== begun.value),
    rename,
    create,
    save,
    overwrite: save, // over the version that was read when theirs was shown; what came after that is shown again
    takeTheirs,
    cancel,
  };
}
