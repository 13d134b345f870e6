import { ElMessage } from "element-plus";
import { describe, i18n } from "./i18n";
import type { Problem } from "./problem";

const { t } = i18n.global;

/** Shows a short message that something was done; `key` is a message key. */
export function done(key: string, params: Record<string, unknown> = {}): void {
  ElMessage({ type: "success", message: t(key, params), duration: 3000, grouping: true });
}

/** Shows a short message, such as why nothing happened; `key` is a message key. */
export function announce(key: string): void {
  ElMessage({ type: "info", message: t(key), duration: 3000, grouping: true });
}

/** Shows an error message; `key` is a message key. */
export function failed(key: string): void {
  fault(t(key));
}

/** Shows why the server refused something, where no form or dialog is open to show it. */
export function refused(problem: Problem): void {
  fault(describe(problem));
}

function fault(message: string): void {
  ElMessage({ type: "error", message, duration: 8000, showClose: true, grouping: true });
}
