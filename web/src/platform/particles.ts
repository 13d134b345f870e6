import { partsOf } from "./hangul";
import { language } from "./i18n";

/** Korean particles of which the word before them takes one: the first after a final consonant, else the second. */
export type Particle = "이/가" | "을/를" | "은/는" | "과/와" | "으로/로";

/**
 * A word with its particle: "김서연이", "이준호가". Where nobody can tell how the word ends when it is read out, both: "Alice이(가)".
 */
export function withParticle(word: string, particle: Particle): string {
  return word + particleOf(word, particle);
}

/** The particle alone, for a word that stands in something else. */
export function particleOf(word: string, particle: Particle): string {
  const [closed = "", open = ""] = particle.split("/");
  const final = finalOf(word);
  if (final === null) return particle === "으로/로" ? "(으)로" : `${closed}(${open})`;
  if (particle === "으로/로" && final === "ㄹ") return open;
  return final === "" ? open : closed;
}

/** A word with its particle where the reader reads Korean; else the word. */
export function spokenWith(word: string, particle: Particle): string {
  return language() === "ko" ? withParticle(word, particle) : word;
}

/** A name in the reader's quotation marks, where the reader reads Korean with its particle: ‘내과’를, “Surgery”. */
export function quotedWith(name: string, particle: Particle): string {
  return language() === "ko" ? withParticle(`‘${name}’`, particle) : `“${name}”`;
}

const ofDigits = ["ㅇ", "ㄹ", "", "ㅁ", "", "", "ㄱ", "ㄹ", "ㄹ", ""]; // 영 일 이 삼 사 오 육 칠 팔 구
const rieul = 8; // among the final consonants

/** The consonant that a word ends with when it is read out, as far as it matters; "" for a vowel, null where that is not known. */
function finalOf(word: string): "ㄹ" | (string & {}) | null {
  const last = word.normalize("NFC").replace(/[\s\p{P}\p{S}]+$/u, "").at(-1);
  if (last === undefined) return null;
  if (/\d/.test(last)) return ofDigits[Number(last)] ?? null;
  const parts = partsOf(last);
  if (!parts) return null;
  if (parts.final === 0) return "";
  return parts.final === rieul ? "ㄹ" : "ㅇ";
}
