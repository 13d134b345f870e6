import { createI18n } from "vue-i18n";
import type { Messages } from "./module";
import type { Problem, ProblemField } from "./problem";
import { remembered } from "./remembered";

export type Language = "ko" | "en";

const chosen = remembered<Language>("language", ["ko", "en"]);

/** What was chosen before, else the browser's, of the two that there are. */
function firstLanguage(): Language {
  return chosen.get() ?? (navigator.languages.map((l) => l.slice(0, 2)).find((l) => l === "ko" || l === "en") as Language | undefined) ?? "ko";
}

export const i18n = createI18n({
  legacy: false,
  locale: firstLanguage(),
  fallbackLocale: "en",
  messages: { ko: {}, en: {} } as Record<Language, Messages>,
});

const { t, te, locale, mergeLocaleMessage } = i18n.global;

/** Adds a module's messages. */
export function addMessages(messages: { readonly ko: Messages; readonly en: Messages }): void {
  mergeLocaleMessage("ko", messages.ko);
  mergeLocaleMessage("en", messages.en);
}

export function language(): Language {
  return locale.value;
}

/** Switches to a language and remembers it. */
export function speak(to: Language): void {
  locale.value = to;
  document.documentElement.lang = to;
  chosen.set(to);
}

document.documentElement.lang = locale.value;

/** What happened, in the reader's language: by its code; what nobody here knows as the server says it, in English. */
export function describe(problem: Problem): string {
  const key = `problems.${problem.code}`;
  // Two more forms: for when the server says what exactly, and for one of several reasons.
  const holding = typeof problem.params.why === "string" ? `${key}_${problem.params.why}` : `${key}_of`;
  if (Object.keys(problem.params).length > 0 && te(holding)) return t(holding, spoken(problem.params));
  return te(key) ? t(key) : problem.detail;
}

/** What is wrong with a field, in the reader's language. */
export function describeField(field: ProblemField): string {
  const params = field.params ?? {};
  const code = field.code === "too_short" && params.min === 1 ? "required" : field.code; // it is empty
  const holding = `rules.${code}_of`;
  if (Object.keys(params).length > 0 && te(holding)) return t(holding, spoken(params));
  const key = `rules.${code}`;
  return te(key) ? t(key) : field.message;
}

/** What a field of the API is called; its own name where no view says it. */
export function labelOf(field: string): string {
  return te(`fields.${field}`) ? t(`fields.${field}`) : field;
}

/** Values as a sentence holds them: so many things by their name and counter, lists with commas. */
function spoken(params: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => {
      if (name === "what" && typeof params.count === "number") return [name, things(String(value), params.count)];
      return [name, Array.isArray(value) ? value.join(", ") : value];
    }),
  );
}

function things(what: string, n: number): string {
  const key = te(`things.${what}`) ? `things.${what}` : "things.others";
  return t(key, { what, n }, n);
}
