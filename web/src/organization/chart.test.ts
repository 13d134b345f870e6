import { describe, expect, it } from "vitest";
import { type Box, boxHeight, boxWidth, chartOf, openedToFit, overlap, scaleToFit, wrapped } from "./chart";
import { sketch } from "./sketch";
import { everyNode } from "./tree";

const hospital = sketch({ 진료부: { 내과: { 심장내과: {}, 신장내과: {} }, 외과: {} }, 간호부: { 병동: {}, 외래: {}, 수술실: {} }, 행정부: {} });
const everything = new Set([...everyNode(hospital)].map((n) => n.department.id));

function named(boxes: readonly Box[]): Record<string, Box> {
  return Object.fromEntries(boxes.map((box) => [box.node?.department.name ?? "기관", box]));
}

describe("a chart", () => {
  it.each(["down", "right"] as const)("has no two boxes in the same place, growing %s", (growth) => {
    const { boxes } = chartOf(hospital, everything, growth);
    expect(boxes).toHaveLength(11);
    for (const [i, a] of boxes.entries()) for (const b of boxes.slice(i + 1)) expect(overlap(a, { ...b, width: boxWidth, height: boxHeight })).toBe(false);
  });

  it("keeps the room of a column free of its neighbours' branches", () => {
    const wide = sketch({ 가: { a: {}, b: {}, c: {}, d: {}, e: {} }, 나: { f: { g: { h: {}, i: {} }, j: { k: {} } }, l: { m: {} } }, 다: { n: {}, o: {}, p: {} } });
    const { boxes } = chartOf(wide, new Set([...everyNode(wide)].map((n) => n.department.id)), "down");
    for (const [i, a] of boxes.entries()) for (const b of boxes.slice(i + 1)) expect(overlap(a, { ...b, width: boxWidth, height: boxHeight })).toBe(false);
  });

  it("shows nothing below what is folded, and says how it can be unfolded", () => {
    const boxes = named(chartOf(hospital, new Set([1]), "down").boxes);
    expect(Object.keys(boxes)).toEqual(["기관", "진료부", "내과", "외과", "간호부", "행정부"]);
    expect(boxes["진료부"]!.opened).toBe(true);
    expect(boxes["내과"]!.opened).toBe(false);
    expect(boxes["외과"]!.opened).toBeNull();
  });

  it("has departments below each other in a column where nothing below them is unfolded", () => {
    const boxes = named(chartOf(hospital, everything, "down").boxes);
    expect(boxes["병동"]!.x).toBe(boxes["수술실"]!.x);
    expect(boxes["병동"]!.y).toBeLessThan(boxes["수술실"]!.y);
    expect(boxes["내과"]!.y).toBe(boxes["외과"]!.y); // 내과 is unfolded, so these spread out
  });

  it("grows to the right where that is wanted", () => {
    const boxes = named(chartOf(hospital, everything, "right").boxes);
    expect(boxes["내과"]!.x).toBeGreaterThan(boxes["진료부"]!.x);
    expect(boxes["내과"]!.x).toBe(boxes["외과"]!.x);
  });

  it("leads a line to every box but the first", () => {
    const { boxes, lines } = chartOf(hospital, everything, "down");
    expect(lines).toHaveLength(boxes.length - 1);
  });

  it("begins with as many levels as can be read at once", () => {
    const names = (opened: ReadonlySet<number>) => chartOf(hospital, opened, "down").boxes.map((b) => b.node?.department.name);
    expect(names(openedToFit(hospital, "down", { width: 2000, height: 1200 }))).toContain("심장내과");
    expect(names(openedToFit(hospital, "down", { width: 200, height: 200 }))).not.toContain("내과");
  });

  it("is never drawn larger than it is", () => {
    expect(scaleToFit({ x: 0, y: 0, width: 100, height: 100 }, { width: 1000, height: 1000 })).toBe(1);
    expect(scaleToFit({ x: 0, y: 0, width: 2000, height: 100 }, { width: 1048, height: 1000 })).toBe(0.5);
  });

  it("lays out thousands of departments in no time", () => {
    const many = sketch(Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`부${i}`, Object.fromEntries(Array.from({ length: 70 }, (_, j) => [`팀${i}-${j}`, {}]))])));
    const began = performance.now();
    expect(chartOf(many, new Set([...everyNode(many)].map((n) => n.department.id)), "right").boxes).toHaveLength(4971);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

describe("a name in a box", () => {
  it("is broken between words, or anywhere when it is one", () => {
    expect(wrapped("심장내과", 10, 2)).toEqual(["심장내과"]);
    expect(wrapped("호흡기 알레르기내과 외래", 9, 2)).toEqual(["호흡기", "알레르기내과 외래"]);
    expect(wrapped("가나다라마바사아자차카타", 6, 2)).toEqual(["가나다라마바", "사아자차카타"]);
  });

  it("ends in dots when it is too long", () => {
    expect(wrapped("가나다라마바사아자차카타", 4, 2)).toEqual(["가나다라", "마바사아…"]);
  });
});
