import { describe, expect, it } from "vitest";
import { matchIn } from "./matching";

describe("finding by a part of the name", () => {
  it("tells where the text stands, in whatever case", () => {
    expect(matchIn("심장내과", "내과")).toEqual([2, 4]);
    expect(matchIn("Cardiology", "DIO")).toEqual([3, 6]);
    expect(matchIn("심장내과", "외과")).toBeNull();
  });

  it("takes text that was typed decomposed", () => {
    expect(matchIn("심장내과", "내과".normalize("NFD"))).toEqual([2, 4]);
  });

  it("finds by initial consonants", () => {
    expect(matchIn("심장내과", "ㅅㅈㄴ")).toEqual([0, 3]);
    expect(matchIn("제1 심장내과", "ㄴㄱ")).toEqual([5, 7]);
    expect(matchIn("심장내과", "ㄱㄴ")).toBeNull();
    expect(matchIn("심장내과", "ㅅ장")).toBeNull();
  });

  it("finds by initial consonants that an input method wrote together", () => {
    expect(matchIn("방사선과", "ㅄㅅ")).toEqual([0, 3]);
    expect(matchIn("감사팀", "ㄳ")).toEqual([0, 2]);
    expect(matchIn("제2 방사선과", "ㅂㅅㅅㄱ")).toEqual([3, 7]);
    expect(matchIn("방사선과", "ㄳ")).toBeNull();
  });

  it("finds nothing for no text", () => {
    expect(matchIn("심장내과", "  ")).toBeNull();
  });
});
