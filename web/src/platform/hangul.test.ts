import { expect, test } from "vitest";
import { initialsOf, isInitials, oneByOne } from "./hangul";

test("a syllable has an initial consonant, whatever else stands as it is", () => {
  expect(initialsOf("제1 까치병동 B")).toBe("ㅈ1 ㄲㅊㅂㄷ B");
});

test("consonants that are written as one letter are taken apart, those that begin a syllable together are not", () => {
  expect(oneByOne("ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ")).toBe("ㄱㅅㄴㅈㄴㅎㄹㄱㄹㅁㄹㅂㄹㅅㄹㅌㄹㅍㄹㅎㅂㅅ");
  expect(oneByOne("ㄲㅆ가")).toBe("ㄲㅆ가");
});

test("initial consonants are told from other text", () => {
  expect([isInitials("ㄲㅅㅎ"), isInitials("ㅅ장"), isInitials("ㅏ"), isInitials("ㅄ")]).toEqual([true, false, false, false]);
});
