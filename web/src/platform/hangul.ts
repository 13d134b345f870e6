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

const initials = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
const compounds: Readonly<Record<string, string>> = {
  ㄳ: "ㄱㅅ", ㄵ: "ㄴㅈ", ㄶ: "ㄴㅎ", ㄺ: "ㄹㄱ", ㄻ: "ㄹㅁ", ㄼ: "ㄹㅂ", ㄽ: "ㄹㅅ", ㄾ: "ㄹㅌ", ㄿ: "ㄹㅍ", ㅀ: "ㄹㅎ", ㅄ: "ㅂㅅ",
};

/** A text with each Korean syllable's initial consonant in its place: ㅅㅈㄴㄱ of 심장내과. */
export function initialsOf(text: string): string {
  return [...text].map((letter) => initials[partsOf(letter)?.initial ?? -1] ?? letter).join("");
}

/** Consonants one by one: input methods write two that can end a syllable together as one letter, ㅄ for ㅂ and ㅅ. */
export function oneByOne(consonants: string): string {
  return [...consonants].map((letter) => compounds[letter] ?? letter).join("");
}

/** Whether a text consists of nothing but consonants that syllables begin with. */
export function isInitials(text: string): boolean {
  return [...text].every((letter) => initials.includes(letter));
}
