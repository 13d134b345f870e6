import { onScopeDispose, type Ref } from "vue";
import { ask } from "./ask";

const dirty = new Set<Ref<boolean>>();

/** Has people asked before they lose what this says is unsaved. */
export function useUnsaved(unsaved: Ref<boolean>): void {
  dirty.add(unsaved);
  onScopeDispose(() => dirty.delete(unsaved));
}

export const isUnsaved = () => [...dirty].some((d) => d.value);

/** Asks nobody any more: whoever typed that has left. */
export function giveUpUnsaved(): void {
  dirty.clear();
}

/** Whether nothing is unsaved, or may be lost. */
export async function mayLeave(): Promise<boolean> {
  if (!isUnsaved()) return true;
  return ask({ title: "unsaved.title", text: "unsaved.text", confirm: "unsaved.discard", cancel: "unsaved.stay", danger: true });
}

addEventListener("beforeunload", (event) => {
  if (isUnsaved()) event.preventDefault();
});
