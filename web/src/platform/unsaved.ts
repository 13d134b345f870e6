import { onScopeDispose, type Ref } from "vue";
import { ask } from "./ask";

const dirty = new Set<Ref<boolean>>();

/** Asks the user before unsaved changes are lost. */
export function useUnsaved(unsaved: Ref<boolean>): void {
  dirty.add(unsaved);
  onScopeDispose(() => dirty.delete(unsaved));
}

export const isUnsaved = () => [...dirty].some((d) => d.value);

/** Stops asking: the user who made the changes has signed out. */
export function giveUpUnsaved(): void {
  dirty.clear();
}

/** Whether there are no unsaved changes, or the user agrees to lose them. */
export async function mayLeave(): Promise<boolean> {
  if (!isUnsaved()) return true;
  return ask({ title: "unsaved.title", text: "unsaved.text", confirm: "unsaved.discard", cancel: "unsaved.stay", danger: true });
}

addEventListener("beforeunload", (event) => {
  if (isUnsaved()) event.preventDefault();
});
