import { expect, test } from "vitest";
import { speak } from "./i18n";
import { quotedWith, spokenWith, withParticle } from "./particles";

test.each([
  ["김서연", "이/가", "김서연이"],
  ["이준호", "이/가", "이준호가"],
  ["직원 조회", "을/를", "직원 조회를"],
  ["부서 이동", "을/를", "부서 이동을"],
  ["서울", "으로/로", "서울로"],
  ["한빛병원", "으로/로", "한빛병원으로"],
  ["내과", "으로/로", "내과로"],
  ["71병동", "은/는", "71병동은"],
  ["외과 2", "은/는", "외과 2는"],
  ["외과 3", "은/는", "외과 3은"],
  ["제1실 (본관)", "과/와", "제1실 (본관)과"],
] as const)("%s takes its %s", (word, particle, whole) => expect(withParticle(word, particle)).toBe(whole));

test("quotes and brackets at the end are not read out", () => {
  expect(withParticle("‘병동 서무’", "을/를")).toBe("‘병동 서무’를");
});

test("a name that was typed decomposed is read as it is seen", () => {
  expect(withParticle("박지민".normalize("NFD"), "이/가").normalize("NFC")).toBe("박지민이");
});

test("where nobody can tell, both are said", () => {
  expect(withParticle("alice@example.com", "이/가")).toBe("alice@example.com이(가)");
  expect(withParticle("Alice", "으로/로")).toBe("Alice(으)로");
});

test("other languages have none", () => {
  speak("en");
  expect(spokenWith("김서연", "이/가")).toBe("김서연");
  speak("ko");
  expect(spokenWith("김서연", "이/가")).toBe("김서연이");
});

test("a name is quoted as the reader quotes", () => {
  expect(quotedWith("내과", "을/를")).toBe("‘내과’를");
  speak("en");
  expect(quotedWith("Surgery", "을/를")).toBe("“Surgery”");
  speak("ko");
});
