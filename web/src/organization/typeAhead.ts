import { initialsOf, oneByOne } from "@/platform/hangul";
import { folded } from "./matching";

const pauseMs = 700;

// The keys of the Korean layout with two sets: outside of a field, browsers tell the key and not what it would write.
const consonants: Readonly<Record<string, string>> = {
  q: "ㅂ", w: "ㅈ", e: "ㄷ", r: "ㄱ", t: "ㅅ", a: "ㅁ", s: "ㄴ", d: "ㅇ", f: "ㄹ", g: "ㅎ", z: "ㅋ", x: "ㅌ", c: "ㅊ", v: "ㅍ",
};

/** Collects what is typed without pausing. Gives the text so far; the same letter again and again is that letter. */
export function typing(now: () => number = Date.now): (letter: string) => string {
  let text = "";
  let last = -Infinity;
  return (letter) => {
    text = now() - last > pauseMs ? letter : text + letter;
    last = now();
    return [...text].every((l) => l === letter) ? letter : text;
  };
}

/** The letter that a key writes; null for other keys. */
export function letterOf(event: { readonly key: string; readonly code: string }): string | null {
  if (event.key === "Process") return /^Key([A-Z])$/.exec(event.code)?.[1]?.toLowerCase() ?? null;
  return event.key.length === 1 && event.key !== " " ? event.key : null;
}

/** Whether a name begins with what was typed: as it reads, or by initial consonants, also as Latin keys would have written them. */
export function beginsWith(name: string, typed: string): boolean {
  const wanted = folded(typed);
  if (wanted === "") return false;
  if (folded(name).startsWith(wanted)) return true;
  return initialsOf(name).startsWith(oneByOne([...wanted].map((letter) => consonants[letter] ?? letter).join("")));
}
