import { hierarchy, type HierarchyPointNode, tree as tidy } from "d3-hierarchy";
import type { Tree, TreeNode } from "./tree";

/** Which way the chart grows. */
export type Growth = "down" | "right";

/** A department's box, or the organization's where `node` is null. Its place is that of its upper left corner. */
export interface Box {
  readonly id: number | null;
  readonly node: TreeNode | null;
  readonly x: number;
  readonly y: number;
  /** Null where nothing is below. */
  readonly opened: boolean | null;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A line from a box to one below it, by its corners. */
export type Line = readonly Point[];

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Chart {
  /** In the order of the tree, the organization first. */
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
  readonly bounds: Rect;
}

export const boxWidth = 164;
export const boxHeight = 64;
const aside = { down: 36, right: 18 } as const; // between neighbours
const ahead = { down: 40, right: 48 } as const; // between levels
const stackGap = 10;
const stackIndent = 20;
const rowAtTop = 8; // so many departments at the top stand in a row in any case

interface Datum {
  readonly node: TreeNode | null;
  /** What is laid out below it. */
  readonly below: readonly Datum[];
  /** Departments that stand in a column under it instead, as long as none of them is opened. */
  readonly stack: readonly TreeNode[];
  /** Keeps the room of a column on a level, and is no box. */
  readonly room?: true;
}

/** Where the boxes of a chart stand in which these departments are opened. */
export function chartOf(tree: Tree, opened: ReadonlySet<number>, growth: Growth): Chart {
  const breadth = (growth === "down" ? boxWidth : boxHeight) + aside[growth];
  const depth = (growth === "down" ? boxHeight : boxWidth) + ahead[growth];
  const datumOf = (node: TreeNode | null): Datum => {
    const children = node === null ? tree.tops : opened.has(node.department.id) ? node.children : [];
    const stacks = growth === "down" && children.every((c) => c.children.length === 0 || !opened.has(c.department.id)) && !(node === null && children.length <= rowAtTop);
    if (!stacks) return { node, below: children.map(datumOf), stack: [] };
    const levels = Math.ceil(((boxHeight + stackGap) * children.length + stackGap) / depth);
    return { node, below: roomFor(levels), stack: children };
  };
  const root = tidy<Datum>().nodeSize([breadth, depth]).separation(() => 1)(hierarchy(datumOf(null), (d) => d.below as Datum[]));

  const boxes: Box[] = [];
  const lines: Line[] = [];
  const place = (at: HierarchyPointNode<Datum>) => {
    const { node, stack } = at.data;
    const corner = cornerOf(at, growth);
    boxes.push(boxOf(node, corner, opened));
    stack.forEach((child, i) => {
      const below = { x: corner.x + stackIndent, y: corner.y + (boxHeight + stackGap) * (i + 1) + stackGap };
      boxes.push(boxOf(child, below, opened));
      lines.push(stackLine(corner, below));
    });
    for (const child of at.children ?? []) {
      if (child.data.room) continue;
      lines.push(levelLine(corner, cornerOf(child, growth), growth));
      place(child);
    }
  };
  place(root);
  return { boxes, lines, bounds: boundsOf(boxes) };
}

function roomFor(levels: number): readonly Datum[] {
  return levels > 0 ? [{ node: null, below: roomFor(levels - 1), stack: [], room: true }] : [];
}

function cornerOf(at: HierarchyPointNode<Datum>, growth: Growth): Point {
  return growth === "down" ? { x: at.x - boxWidth / 2, y: at.y } : { x: at.y, y: at.x - boxHeight / 2 };
}

function boxOf(node: TreeNode | null, { x, y }: Point, opened: ReadonlySet<number>): Box {
  const foldable = node !== null && node.children.length > 0;
  return { id: node?.department.id ?? null, node, x, y, opened: foldable ? opened.has(node.department.id) : null };
}

function levelLine(from: Point, to: Point, growth: Growth): Line {
  if (growth === "down") {
    const [x, end, middle] = [from.x + boxWidth / 2, to.x + boxWidth / 2, to.y - ahead.down / 2];
    return [{ x, y: from.y + boxHeight }, { x, y: middle }, { x: end, y: middle }, { x: end, y: to.y }];
  }
  const [y, end, middle] = [from.y + boxHeight / 2, to.y + boxHeight / 2, to.x - ahead.right / 2];
  return [{ x: from.x + boxWidth, y }, { x: middle, y }, { x: middle, y: end }, { x: to.x, y: end }];
}

function stackLine(from: Point, to: Point): Line {
  const x = from.x + stackIndent / 2;
  return [{ x, y: from.y + boxHeight }, { x, y: to.y + boxHeight / 2 }, { x: to.x, y: to.y + boxHeight / 2 }];
}

function boundsOf(boxes: readonly Box[]): Rect {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of boxes) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + boxWidth);
    bottom = Math.max(bottom, y + boxHeight);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Lines as an SVG path. */
export function pathOfLines(lines: readonly Line[]): string {
  return lines.map((line) => line.map((p, i) => `${i ? "L" : "M"}${round(p.x)} ${round(p.y)}`).join("")).join("");
}

/** Boxes as an SVG path, for when they are too many or too small to be read. */
export function pathOfBoxes(boxes: readonly Box[]): string {
  return boxes.map(({ x, y }) => `M${round(x)} ${round(y)}h${boxWidth}v${boxHeight}h-${boxWidth}z`).join("");
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}

/** How much a chart is scaled to be seen whole in a window, at most to its own size. */
export function scaleToFit(bounds: Rect, window: { readonly width: number; readonly height: number }, margin = 24): number {
  return Math.min(1, (window.width - 2 * margin) / bounds.width, (window.height - 2 * margin) / bounds.height);
}

/** The departments of the upper levels, as many levels as can be seen at once and still be read. */
export function openedToFit(tree: Tree, growth: Growth, window: { readonly width: number; readonly height: number }, readable = 0.6): ReadonlySet<number> {
  let opened = new Set<number>();
  for (let level = tree.tops; ; ) {
    const more = new Set([...opened, ...level.filter((n) => n.children.length > 0).map((n) => n.department.id)]);
    if (more.size === opened.size || scaleToFit(chartOf(tree, more, growth).bounds, window) < readable) return opened;
    opened = more;
    level = level.flatMap((n) => n.children);
  }
}

export function overlap(box: Point, { x, y, width, height }: Rect): boolean {
  return box.x < x + width && box.x + boxWidth > x && box.y < y + height && box.y + boxHeight > y;
}

/** Whether a line crosses a window, as far as its outermost corners tell. */
export function crosses(line: Line, { x, y, width, height }: Rect): boolean {
  const xs = line.map((p) => p.x);
  const ys = line.map((p) => p.y);
  return Math.min(...xs) < x + width && Math.max(...xs) > x && Math.min(...ys) < y + height && Math.max(...ys) > y;
}

/** A name in lines of so many letters' width; what does not fit ends in dots. */
export function wrapped(name: string, ems: number, most: number): string[] {
  const lines: string[] = [];
  let line = "";
  let wide = 0;
  const letters = [...name];
  for (const [i, letter] of letters.entries()) {
    const width = widthOf(letter);
    if (wide + width > ems) {
      if (lines.length === most - 1) return [...lines, `${line.trimEnd()}…`];
      const space = line.lastIndexOf(" ");
      const rest = space > 0 ? line.slice(space + 1) : "";
      lines.push(space > 0 ? line.slice(0, space) : line);
      line = rest;
      wide = [...rest].reduce((sum, l) => sum + widthOf(l), 0);
    }
    if (line === "" && letter === " " && i > 0) continue;
    line += letter;
    wide += width;
  }
  return [...lines, line];
}

/** How wide a letter is, in ems, about: no font is asked, since the picture is to be the same everywhere. */
function widthOf(letter: string): number {
  if (letter.charCodeAt(0) >= 0x1100) return 0.96;
  if (/[MW@%]/.test(letter)) return 0.96;
  if (/[A-Zmw&]/.test(letter)) return 0.8;
  return /[ .,:;'|!iljtf()[\]-]/.test(letter) ? 0.34 : 0.58;
}
