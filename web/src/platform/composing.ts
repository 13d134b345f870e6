// While a syllable is composed, Enter, Escape and the arrows are the input method's: they end or drop the syllable, and nothing
// of ours hears them, so that no drawer closes and no name is stored. Safari tells so by the key's code alone.
addEventListener(
  "keydown",
  (event) => {
    const inField = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    if (event.isComposing || (inField && event.keyCode === 229)) event.stopPropagation();
  },
  { capture: true },
);
