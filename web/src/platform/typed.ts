import { onScopeDispose, ref, type Ref, watch } from "vue";

const pauseMs = 250;

/** A text field's text, which reaches the list that it searches once somebody pauses: not for every letter. */
export function useTyped(searched: Ref<string>): Ref<string> {
  const typed = ref(searched.value);
  let waiting: ReturnType<typeof setTimeout> | undefined;
  watch(typed, (text) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => (searched.value = text), pauseMs);
  });
  watch(searched, (text) => (typed.value = text));
  onScopeDispose(() => clearTimeout(waiting));
  return typed;
}
