import { onScopeDispose, ref, type Ref, watch } from "vue";

const pauseMs = 250;

/**
 * The text of a search field, debounced: it reaches the list when the user pauses, and without spaces at the ends, which may
 * be the beginning of another word.
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
