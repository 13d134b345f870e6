// While a syllable is composed, Enter, Escape and the arrows belong to the input method, which ends or drops the syllable. The
// console ignores these keys, so that no drawer closes and no name is stored. Safari marks them only by their key code.
addEventListener(
  "keydown",
  (event) => {
    const inField = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    if (event.isComposing || (inField && event.keyCode === 229)) event.stopPropagation();
  },
  { capture: true },
);
