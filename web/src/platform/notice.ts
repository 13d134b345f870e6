import { ElMessage } from "element-plus";
import { describe, i18n } from "./i18n";
import type { Problem } from "./problem";

/** Says in passing that something was done; `key` is a message key. */
export function done(key: string, params: Record<string, unknown> = {}): void {
  ElMessage({ type: "success", message: i18n.global.t(key, params), duration: 3000, grouping: true });
}

/** Says in passing why nothing happened; `key` is a message key. */
export function told(key: string): void {
  ElMessage({ type: "info", message: i18n.global.t(key), duration: 3000, grouping: true });
}

/** Says in passing that something did not go as it should; `key` is a message key. */
export function failed(key: string): void {
  ElMessage({ type: "error", message: i18n.global.t(key), duration: 8000, showClose: true, grouping: true });
}

/** Says in passing why the server refused something, where no form or dialog could say it. */
export function refused(problem: Problem): void {
  ElMessage({ type: "error", message: describe(problem), duration: 8000, showClose: true, grouping: true });
}
