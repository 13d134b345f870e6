import { describe, i18n } from "./i18n";
import { problemOf } from "./problem";

/** What a search says that shows nothing: why it failed, else that there is no such thing. `key` is a message key. */
export function nothingFound(error: unknown, key: string): string {
  return error ? describe(problemOf(error)) : i18n.global.t(key);
}
