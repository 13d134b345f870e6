import { computed, type ComputedRef, type Ref, ref, type ShallowRef, shallowRef } from "vue";
import type { Answer } from "@/platform/api";
import { Problem, problemOf } from "@/platform/problem";
import type { Department } from "./departments";

/** The name that is being edited in the tree: of an existing department, or of a new one. */
export type Naming = { readonly kind: "rename"; readonly id: number } | { readonly kind: "create"; readonly parentId: number | null };

export interface InPlaceOptions {
  readonly read: (id: number) => Promise<Answer<Department>>;
  /** Errors: `stale` when the version has changed; null overwrites any version. */
  readonly rename: (id: number, name: string, etag: string | null) => Promise<Department>;
  readonly create: (parentId: number | null, name: string) => Promise<Department>;
  /** Shows the stored department, which another user may have changed. */
  readonly show: (department: Department) => void;
  /** Reports that a name was not stored, when another one is being edited already. */
  readonly refused: (what: Naming, typed: string, problem: Problem) => void;
}

/** Editing the name of a department in the tree. */
export interface InPlace {
  readonly naming: ShallowRef<Naming | null>;
  readonly text: Ref<string>;
  readonly write: (text: string) => void;
  readonly busy: Ref<boolean>;
  readonly problem: ShallowRef<Problem | null>;
  /** The new name, if another user has renamed it meanwhile; else null. */
  readonly theirs: Ref<string | null>;
  /** Whether there is input that is not stored. */
  readonly unsaved: ComputedRef<boolean>;
  readonly rename: (department: Department) => void;
  readonly create: (parentId: number | null) => void;
  /**
   * Stores what was typed; nothing or the same is as good as cancelling. The department, null while it is not stored. After a
   * new one there is place for the next, and what was typed meanwhile is that: to be stored as well where that was asked for.
   */
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
  let again = false; // a new one is to be stored after the one that is on its way
  let version: Promise<Answer<Department>> | null = null; // of what is being renamed

  function begin(what: Naming | null, name: string): void {
    naming.value = what;
    text.value = name;
    begun.value = name;
    again = false;
    busy.value = false; // what is still being stored is of another one
    problem.value = null;
    theirs.value = null;
  }

  /** Editing another name ends this one; its refusal stays visible at its department. */
  function leave(): void {
    if (naming.value && unsaved.value && (problem.value || theirs.value !== null)) options.refused(naming.value, text.value.trim(), problem.value ?? stale());
  }

  function rename(department: Department): void {
    const what: Naming = { kind: "rename", id: department.id };
    leave();
    begin(what, department.name);
    version = options.read(department.id);
    version.then(
      ({ data }) => {
        if (naming.value !== what || text.value !== begun.value || data.name === begun.value) return;
        text.value = begun.value = data.name; // nothing was typed over it yet
        options.show(data);
      },
      () => undefined, // it is read anew when it is needed
    );
  }

  function create(parentId: number | null): void {
    leave();
    begin({ kind: "create", parentId }, "");
  }

  function cancel(): void {
    begin(null, "");
  }

  async function save(): Promise<Department | null> {
    const what = naming.value;
    if (!what) return null;
    if (busy.value) {
      again = what.kind === "create";
      return null;
    }
    const sent = text.value;
    const name = sent.trim();
    if (name === "" || name === begun.value) {
      cancel();
      return null;
    }
    busy.value = true;
    problem.value = null;
    theirs.value = null;
    try {
      const department = what.kind === "create" ? await options.create(what.parentId, name) : await store(what, name);
      options.show(department);
      if (naming.value !== what) return department;
      if (what.kind === "rename") cancel();
      else if (text.value === sent) text.value = "";
      else if (again) return await saveNext();
      return department;
    } catch (thrown) {
      if (naming.value !== what || (what.kind === "create" && text.value !== sent)) options.refused(what, name, problemOf(thrown));
      else if (theirs.value === null) problem.value = problemOf(thrown);
      return null;
    } finally {
      if (naming.value === what) busy.value = false;
    }
  }

  function saveNext(): Promise<Department | null> {
    busy.value = again = false;
    return save();
  }

  /** Renames as long as it has the name that was typed over; another one is shown. What else was changed of it stays. */
  async function store(what: Naming & { kind: "rename" }, name: string): Promise<Department> {
    const over = begun.value;
    const read = () => options.read(what.id);
    let now = await (version?.catch(read) ?? read());
    while (now.data.name === over) {
      try {
        return await options.rename(what.id, name, now.etag);
      } catch (thrown) {
        if (problemOf(thrown).code !== "stale") throw thrown;
        now = await read();
      }
    }
    options.show(now.data);
    if (naming.value === what) {
      version = Promise.resolve(now);
      begun.value = theirs.value = now.data.name;
    }
    throw stale();
  }

  function takeTheirs(): void {
    text.value = begun.value;
    theirs.value = null;
  }

  const unsaved = computed(() => naming.value !== null && text.value.trim() !== "" && text.value.trim() !== begun.value);
  return {
    naming,
    text,
    write: (anew) => (text.value = anew),
    busy,
    problem,
    theirs,
    unsaved,
    rename,
    create,
    save,
    overwrite: save, // over the version that was read when theirs was shown; what came after that is shown again
    takeTheirs,
    cancel,
  };
}

function stale(): Problem {
  return new Problem(412, "stale", "Somebody else has renamed it");
}
