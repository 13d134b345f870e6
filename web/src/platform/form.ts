import { computed, type ComputedRef, reactive, ref, type Ref, type UnwrapNestedRefs } from "vue";
import { describe, describeField, labelOf } from "./i18n";
import { Problem, problemOf } from "./problem";

/** A form's values: texts are "" where the API has null. */
export type Values = Record<string, unknown>;

export interface Form<V extends Values> {
  readonly values: UnwrapNestedRefs<V>;
  /** The errors by field, in the user's language. */
  readonly errors: Ref<Partial<Record<keyof V & string, string>>>;
  /** Why the server refused the form, else null. */
  readonly problem: Ref<Problem | null>;
  /** Whether a field differs from its initial value. */
  readonly dirty: ComputedRef<boolean>;
  readonly busy: Ref<boolean>;
  /** The fields that differ from their initial values. */
  readonly changed: () => Partial<V>;
  /** Resets the form to these values. */
  readonly begin: (values: V) => void;
  /** Runs `store`, once at a time, and returns whether it succeeded. A refusal marks the fields. */
  readonly submit: (store: () => Promise<unknown>) => Promise<boolean>;
}

/**
 * A form's values and what the server said of them. `fieldOf` names the field that a code is about, where it is no rule of
 * a field by itself: `organization.name_taken` is about `name`.
 */
export function useForm<V extends Values>(start: V, fieldOf: Readonly<Record<string, keyof V & string>> = {}): Form<V> {
  let begun = clone(start);
  const values = reactive(clone(start)) as UnwrapNestedRefs<V>;
  const errors = ref({}) as Ref<Partial<Record<keyof V & string, string>>>;
  const problem = ref<Problem | null>(null) as Ref<Problem | null>;
  const busy = ref(false);
  const beginning = ref(0); // counts, so that dirty is computed anew

  function changed(): Partial<V> {
    const now = values as V;
    return Object.fromEntries(Object.keys(begun).filter((name) => !same(now[name], begun[name])).map((name) => [name, now[name]])) as Partial<V>;
  }

  function begin(anew: V): void {
    begun = clone(anew);
    Object.assign(values, clone(anew));
    errors.value = {};
    problem.value = null;
    beginning.value++;
  }

  async function submit(store: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false;
    busy.value = true;
    errors.value = {};
    problem.value = null;
    try {
      await store();
      return true;
    } catch (thrown) {
      problem.value = problemOf(thrown);
      errors.value = fieldErrors(problem.value, Object.keys(begun), fieldOf) as Partial<Record<keyof V & string, string>>;
      return false;
    } finally {
      busy.value = false;
    }
  }

  const dirty = computed(() => beginning.value >= 0 && Object.keys(changed()).length > 0);
  return { values, errors, problem, dirty, busy, changed, begin, submit };
}

/** What the server's answer says about the fields of a form. */
export function fieldErrors(problem: Problem, names: readonly string[], fieldOf: Readonly<Record<string, string>> = {}): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const field of problem.fields) {
    const name = nameOf(field.location);
    if (names.includes(name) && !(name in errors)) errors[name] = describeField(field);
  }
  const field = fieldOf[problem.code];
  if (field) errors[field] = describe(problem);
  return errors;
}

/** The violations that are about none of the form's fields. */
export function otherErrors(problem: Problem, names: readonly string[]): readonly string[] {
  return problem.fields.filter((f) => !names.includes(nameOf(f.location))).map((f) => `${labelOf(nameOf(f.location))}: ${describeField(f)}`);
}

/** `name` of `body.name`, and of `body.permissions[3]` `permissions`. */
function nameOf(location: string): string {
  return location.replace(/^(body|query|path)\./, "").replace(/[.[].*$/, "");
}

/** A text as the API takes it: null for none. */
export function orNull(text: string): string | null {
  return text.trim() === "" ? null : text;
}

/** Values are what JSON holds; structuredClone refuses Vue's proxies of them. */
function clone<T>(values: T): T {
  return JSON.parse(JSON.stringify(values)) as T;
}

function same(a: unknown, b: unknown): boolean {
  return Object.is(a, b) || JSON.stringify(a) === JSON.stringify(b);
}

/** Whether a field of the form is incomplete: a text without a choice, an invalid date. If so, focuses it instead of saving. */
export function leadToHalfTyped(form: ParentNode | null): boolean {
  const noDay = Array.from(form?.querySelectorAll<HTMLInputElement>("input[type=date]") ?? []).find((input) => input.validity.badInput);
  const field = form?.querySelector<HTMLElement>("[data-unchosen]") ?? noDay;
  noDay?.checkValidity(); // has the field say so
  field?.focus();
  return field !== undefined;
}

/** Scrolls to and focuses the first invalid field of a refused form, or else the message about the form as a whole. */
export function leadToRefusal(form: ParentNode | null): void {
  const target = form?.querySelector<HTMLElement>("[aria-invalid=true]") ?? form?.querySelector("[role=alert]")?.closest<HTMLElement>("[tabindex]");
  target?.scrollIntoView({ block: "center" });
  target?.focus({ preventScroll: true });
}
