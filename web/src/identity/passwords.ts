import { i18n } from "@/platform/i18n";
import { Problem } from "@/platform/problem";

/** Refuses a new password that was typed in two ways, as the server would: at its field. Errors: `validation_failed`. */
export function requireSame(password: string, repeated: string): void {
  if (password === repeated) return;
  const { t } = i18n.global;
  throw new Problem(422, "validation_failed", t("problems.validation_failed"), "", [{ location: "repeated", code: "not_the_same", message: t("rules.not_the_same") }]);
}
