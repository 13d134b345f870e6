import { describe, expect, it } from "vitest";
import { chartOf } from "./chart";
import { fileName, pictureOf, tooLarge } from "./chartPicture";
import { treeOf } from "./tree";

const tree = treeOf([{ id: 1, organization_id: 1, parent_id: null, name: "내과 <&\"'>", code: "IM", sort_order: 0, created_at: "", updated_at: "", children_count: 0, children: [] }]);
const picture = pictureOf(chartOf(tree, new Set(), "down"), { name: "한빛병원", below: (n) => `하위 ${n}`, foot: "2026년 11월 25일" });

describe("the picture of a chart", () => {
  it("is XML that stands alone", () => {
    const parsed = new DOMParser().parseFromString(picture.svg, "image/svg+xml");
    expect(parsed.querySelector("parsererror")).toBeNull();
    expect(parsed.documentElement.localName).toBe("svg");
    const texts = [...parsed.querySelectorAll("text")].map((t) => t.textContent);
    expect(texts).toEqual(["한빛병원", "내과 <&\"'>", "IM", "2026년 11월 25일"]);
    expect(picture.svg).not.toMatch(/class=|style=|href=|url\(|var\(/);
  });

  it("is refused as PNG only when a browser could not make it", () => {
    expect(tooLarge(picture)).toBe(false);
    expect(tooLarge({ svg: "", width: 9000, height: 100 })).toBe(true);
    expect(tooLarge({ svg: "", width: 5000, height: 5000 })).toBe(true);
  });
});

describe("the name of its file", () => {
  it("is the organization's, with the day", () => {
    expect(fileName(["한빛병원", "조직도"], new Date(2026, 10, 5), "svg")).toBe("한빛병원 조직도 2026-11-05.svg");
  });

  it("leaves out what file systems refuse", () => {
    expect(fileName(["a/b: \"c\"?", ""], new Date(2026, 0, 1), "png")).toBe("a b c 2026-01-01.png");
  });
});
