import { partsOf } from "@/platform/hangul";

const initials = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";

/**
 * Where a name holds the text that somebody looks for, in whatever case; null when it does not. Text of initial
 * consonants alone finds the syllables that begin with them: ㅅㅈ finds 심장내과.
 */
export function matchIn(name: string, text: string): readonly [from: number, to: number] | null {
  const wanted = folded(text);
  if (wanted === "") return null;
  const at = folded(name).indexOf(wanted);
  if (at >= 0) return [at, at + wanted.length];
  if (![...wanted].every((letter) => initials.includes(letter))) return null;
  const byInitials = initialsOf(name).indexOf(wanted);
  return byInitials < 0 ? null : [byInitials, byInitials + wanted.length];
}

/** A text as it is compared: composed, in lower case. */
export function folded(text: string): string {
  return text.trim().normalize("NFC").toLowerCase();
}

/** A name with each Korean syllable's initial consonant in its place. */
export function initialsOf(name: string): string {
  return [...name].map(initialOf).join("");
}

function initialOf(letter: string): string {
  const parts = partsOf(letter);
  return parts ? initials[parts.initial]! : letter;
}
