import { describe, expect, it } from "vitest";
import { beginsWith, letterOf, typing } from "./typeAhead";

describe("typing a name's beginning", () => {
  it("finds it by letters, and by initial consonants in either keyboard layout", () => {
    expect(beginsWith("Radiology", "ra")).toBe(true);
    expect(beginsWith("심장내과", "심장")).toBe(true);
    expect(beginsWith("심장내과", "ㅅㅈ")).toBe(true);
    expect(beginsWith("심장내과", "tw")).toBe(true);
    expect(beginsWith("방사선과", "ㅄㅅ")).toBe(true);
    expect(beginsWith("심장내과", "ㄴ")).toBe(false);
    expect(beginsWith("Radiology", "d")).toBe(false);
  });

  it("adds up what is typed in one go, and begins anew after a pause", () => {
    let time = 0;
    const type = typing(() => time);
    expect(type("r")).toBe("r");
    time = 300;
    expect(type("a")).toBe("ra");
    time = 2000;
    expect(type("d")).toBe("d");
  });

  it("takes a letter that is repeated for the next one that begins with it", () => {
    const type = typing(() => 0);
    type("r");
    expect(type("r")).toBe("r");
  });

  it("knows the key while an input method composes", () => {
    expect(letterOf({ key: "Process", code: "KeyR" })).toBe("r");
    expect(letterOf({ key: "ArrowUp", code: "ArrowUp" })).toBeNull();
    expect(letterOf({ key: " ", code: "Space" })).toBeNull();
  });
});
