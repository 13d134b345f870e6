import { ElMessage } from "element-plus";
import { describe, i18n } from "./i18n";
import type { Problem } from "./problem";

const { t } = i18n.global;

/** Says in passing that something was done; `key` is a message key. */
export function done(key: string, params: Record<string, unknown> = {}): void {
  ElMessage({ type: "success", message: t(key, params), duration: 3000, grouping: true });
}

/** Says in passing why nothing happened; `key` is a message key. */
export function told(key: string): void {
  ElMessage({ type: "info", message: t(key), duration: 3000, grouping: true });
}

/** Says in passing that something did not go as it should; `key` is a message key. */
export function failed(key: string): void {
  fault(t(key));
}

/** Says in passing why the server refused something, where no form or dialog could say it. */
export function refused(problem: Problem): void {
  fault(describe(problem));
}

function fault(message: string): void {
  ElMessage({ type: "error", message, duration: 8000, showClose: true, grouping: true });
}
