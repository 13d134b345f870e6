import { initialsOf, isInitials, oneByOne } from "@/platform/hangul";

/**
 * Where a name contains the searched text, ignoring case; null if it does not. Text of initial
 * consonants alone finds the syllables that begin with them: ㅅㅈ finds 심장내과.
 */
export function matchIn(name: string, text: string): readonly [from: number, to: number] | null {
  const wanted = folded(text);
  if (wanted === "") return null;
  const at = folded(name).indexOf(wanted);
  if (at >= 0) return [at, at + wanted.length];
  const consonants = oneByOne(wanted);
  if (!isInitials(consonants)) return null;
  const byInitials = initialsOf(name).indexOf(consonants);
  return byInitials < 0 ? null : [byInitials, byInitials + consonants.length];
}

/** A text as it is compared: composed, in lower case. */
export function folded(text: string): string {
  return text.trim().normalize("NFC").toLowerCase();
}
