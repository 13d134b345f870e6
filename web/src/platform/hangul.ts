const first = 0xac00;
const last = 0xd7a3;
const finals = 28; // of each pair of an initial consonant and a vowel, the first of them being none
const perInitial = 21 * finals;

/** The parts of a Korean syllable, by their places in Unicode's order (The Unicode Standard, section 3.12); null for what is none. */
export function partsOf(letter: string): { readonly initial: number; readonly final: number } | null {
  const code = letter.charCodeAt(0);
  if (!(code >= first && code <= last)) return null;
  return { initial: Math.floor((code - first) / perInitial), final: (code - first) % finals };
}
