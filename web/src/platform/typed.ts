import { onScopeDispose, ref, type Ref, watch } from "vue";

const pauseMs = 250;

/**
 * A text field's text, which reaches the list that it searches once somebody pauses: not for every letter, and without the
 * spaces around it, which may only be the beginning of another word.
 */
export function useTyped(searched: Ref<string>): Ref<string> {
  const typed = ref(searched.value);
  let waiting: ReturnType<typeof setTimeout> | undefined;
  watch(typed, (text) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => (searched.value = text.trim()), pauseMs);
  });
  watch(searched, (text) => {
    if (text !== typed.value.trim()) typed.value = text; // changed elsewhere, by Back for example
  });
  onScopeDispose(() => clearTimeout(waiting));
  return typed;
}
