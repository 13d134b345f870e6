import { computed, type ComputedRef, ref, type Ref } from "vue";
import { type Form, useForm, type Values } from "./form";
import { type Problem, problemOf } from "./problem";

/** The initial values of an editor, and their version. */
export interface Loaded<V extends Values> {
  readonly values: V;
  readonly etag: string | null;
  /** Called when the form starts with these values; not called if another object was opened meanwhile. */
  readonly begun?: () => void;
}

/** The stored object, for an editor that stays open after saving: a page, not a drawer. */
export class Stored<V extends Values> {
  constructor(
    readonly id: number,
    readonly now: Loaded<V>,
  ) {}
}

/** A field whose stored value differs from the value in the form. */
export interface Difference {
  readonly field: string;
  readonly theirs: unknown;
  readonly mine: unknown;
}

export interface EditorOptions<V extends Values> {
  readonly empty: V;
  /** Loads the object; not called for a new one. */
  readonly load?: (id: number) => Promise<Loaded<V>>;
  /**
   * Saves: the changed fields of an existing object, with its version, or null to overwrite any version; all fields of a new
   * one. If it returns a `Stored`, the editor continues with that; else it closes.
   */
  readonly store: (id: number | null, values: V, changed: Partial<V>, etag: string | null) => Promise<unknown>;
  readonly fieldOf?: Readonly<Record<string, keyof V & string>>;
}

export interface Editor<V extends Values> extends Form<V> {
  readonly id: Ref<number | null>;
  readonly isNew: ComputedRef<boolean>;
  readonly opened: Ref<boolean>;
  readonly loading: Ref<boolean>;
  /** Why the object could not be loaded. */
  readonly failed: Ref<Problem | null>;
  /** The differences between the stored object and the form, if another user has changed it since it was loaded; else null. */
  readonly conflict: Ref<Difference[] | null>;
  readonly create: (preset?: Partial<V>) => void;
  /** Starts a new object with loaded values; the form is disabled while they load. A failure is shown above an empty form. */
  readonly createFrom: (load: () => Promise<Loaded<V>>) => Promise<void>;
  readonly edit: (id: number) => Promise<void>;
  readonly save: () => Promise<boolean>;
  /** Takes the values of the other user and discards the input. */
  readonly takeTheirs: () => void;
  /** Saves the input over the changes of the other user. */
  readonly overwrite: () => Promise<boolean>;
  /** Discards the input; answers that arrive later are ignored. */
  readonly close: () => void;
}

/** The state of editing an object: loading, changing, saving, and the conflict when another user saved first (412). */
export function useEditor<V extends Values>(options: EditorOptions<V>): Editor<V> {
  const form = useForm<V>(options.empty, options.fieldOf);
  const id = ref<number | null>(null);
  const opened = ref(false);
  const loading = ref(false);
  const failed = ref<Problem | null>(null) as Ref<Problem | null>;
  const conflict = ref<Difference[] | null>(null) as Ref<Difference[] | null>;
  let etag: string | null = null;
  let newest: Loaded<V> | null = null;
  let opening = 0; // counts what was opened and closed: an answer that comes for an earlier one is too late

  function begin(which: number | null, values: V): number {
    id.value = which;
    etag = null;
    loading.value = false;
    failed.value = null;
    conflict.value = null;
    form.begin(values);
    opened.value = true;
    return ++opening;
  }

  /** Starts with loaded values, unless another object was opened meanwhile. */
  async function fill(own: number, load: () => Promise<Loaded<V>>, refusal: Ref<Problem | null>): Promise<void> {
    loading.value = true;
    try {
      const loaded = await load();
      if (own !== opening) return;
      start(loaded);
    } catch (thrown) {
      if (own !== opening) return;
      refusal.value = problemOf(thrown);
    }
    loading.value = false;
  }

  function start(loaded: Loaded<V>): void {
    etag = loaded.etag;
    form.begin(loaded.values);
    loaded.begun?.();
  }

  function read(which: number): Promise<Loaded<V>> {
    if (!options.load) throw new Error("this editor makes new ones only");
    return options.load(which);
  }

  async function save(): Promise<boolean> {
    conflict.value = null;
    const own = opening;
    let result: unknown;
    const stored = await form.submit(async () => (result = await options.store(id.value, form.values as V, form.changed(), etag)));
    if (own !== opening) {
      form.problem.value = null; // the editor was closed or reused meanwhile
      form.errors.value = {};
      return false;
    }
    if (stored && result instanceof Stored) goOn(result as Stored<V>);
    else if (stored) close();
    else if (form.problem.value?.code === "stale" && id.value !== null) await compare(id.value);
    return stored;
  }

  function goOn(stored: Stored<V>): void {
    id.value = stored.id;
    start(stored.now);
  }

  async function compare(which: number): Promise<void> {
    const own = opening;
    try {
      const now = await read(which);
      if (own !== opening) return;
      newest = now;
    } catch (thrown) {
      if (own === opening) form.problem.value = problemOf(thrown);
      return;
    }
    const mine = form.values as V;
    const theirs = newest.values;
    conflict.value = Object.keys(theirs)
      .filter((field) => JSON.stringify(theirs[field]) !== JSON.stringify(mine[field]))
      .map((field) => ({ field, theirs: theirs[field], mine: mine[field] }));
    form.problem.value = null;
  }

  function takeTheirs(): void {
    if (!newest) return;
    start(newest);
    conflict.value = null;
  }

  async function overwrite(): Promise<boolean> {
    etag = newest?.etag ?? null; // what was shown is overwritten; what came after that is shown again
    return save();
  }

  function close(): void {
    opening++;
    opened.value = false;
    conflict.value = null;
    form.begin(options.empty);
  }

  return {
    ...form,
    id,
    isNew: computed(() => id.value === null),
    opened,
    loading,
    failed,
    conflict,
    create: (preset = {}) => void begin(null, { ...options.empty, ...preset }),
    createFrom: (load) => fill(begin(null, options.empty), load, form.problem),
    edit: (which) => fill(begin(which, options.empty), () => read(which), failed),
    save,
    takeTheirs,
    overwrite,
    close,
  };
}
