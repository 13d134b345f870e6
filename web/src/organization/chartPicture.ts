import { type Box, boxHeight, boxWidth, type Chart, pathOfLines, wrapped } from "./chart";

/** What is written in a chart's boxes. */
export interface ChartWords {
  readonly name: string;
  /** How many are below a department. */
  readonly below: (count: number) => string;
  /** Stands at the foot: of which day it is. */
  readonly foot: string;
}

export const nameEms = 10.6;
export const nameLines = 2;
export const padding = 12;

const margin = 32;
const foot = 28;
const fonts = "Pretendard, 'Apple SD Gothic Neo', 'Malgun Gothic', 'Noto Sans KR', 'Noto Sans CJK KR', 'Segoe UI', sans-serif";
const ink = { line: "#9aa4b2", border: "#b9c2cd", text: "#1d2430", quiet: "#5b6472", page: "#ffffff", organization: "#0b5cab" };

/** A picture of its own: it refers to nothing, and is light whatever the screen is. */
export interface Picture {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

export function pictureOf(chart: Chart, words: ChartWords): Picture {
  const { x, y, width: wide, height: high } = chart.bounds;
  const width = Math.ceil(wide + 2 * margin);
  const height = Math.ceil(high + 2 * margin + foot);
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${x - margin} ${y - margin} ${width} ${height}" font-family="${fonts}">`,
    `<title>${escaped(words.name)}</title>`,
    `<rect x="${x - margin}" y="${y - margin}" width="${width}" height="${height}" fill="${ink.page}"/>`,
    `<path d="${pathOfLines(chart.lines)}" fill="none" stroke="${ink.line}" stroke-width="1.5"/>`,
    ...chart.boxes.map((box) => boxIn(box, words)),
    `<text x="${x}" y="${y + high + margin + 4}" font-size="11" fill="${ink.quiet}">${escaped(words.foot)}</text>`,
    "</svg>",
  ].join("\n");
  return { svg, width, height };
}

function boxIn({ node, x, y }: Box, words: ChartWords): string {
  const organization = node === null;
  const name = node?.department.name ?? words.name;
  const lines = wrapped(name, nameEms, nameLines);
  const texts = lines.map((line, i) => text(line, x + padding, y + baseline(lines.length, i, organization), 13, organization ? ink.page : ink.text, { weight: 700 }));
  const rect = `<rect x="${x}" y="${y}" width="${boxWidth}" height="${boxHeight}" rx="8" fill="${organization ? ink.organization : ink.page}" stroke="${organization ? ink.organization : ink.border}"/>`;
  if (!node) return [rect, ...texts].join("");
  const code = node.department.code ? text(wrapped(node.department.code, 7, 1)[0]!, x + padding, y + footLine, 11, ink.quiet) : "";
  const below = node.below > 0 ? text(words.below(node.below), x + boxWidth - padding, y + footLine, 11, ink.quiet, { end: true }) : "";
  return [rect, ...texts, code, below].join("");
}

/** Where the text at a box's foot stands. */
export const footLine = 53;

/** Where a line of a box's name stands; an organization's has the whole box. */
export function baseline(lines: number, line: number, organization: boolean): number {
  const middle = organization ? boxHeight / 2 : 22;
  return middle + 4.5 + (line - (lines - 1) / 2) * 16;
}

function text(content: string, x: number, y: number, size: number, fill: string, { weight, end }: { weight?: number; end?: boolean } = {}): string {
  const more = `${weight ? ` font-weight="${weight}"` : ""}${end ? ' text-anchor="end"' : ""}`;
  return `<text x="${x}" y="${y}" font-size="${size}" fill="${fill}"${more}>${escaped(content)}</text>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

const pixelsPerUnit = 2;
const mostPixels = 64_000_000; // 256 MB while it is made
const longestSide = 16_000; // what browsers' canvases take

/** Whether a picture becomes too large as PNG. */
export function tooLarge({ width, height }: Picture): boolean {
  const [w, h] = [width * pixelsPerUnit, height * pixelsPerUnit];
  return w * h > mostPixels || Math.max(w, h) > longestSide;
}

/** The picture as PNG, twice as fine as its own size. It throws when the browser cannot make one. */
export async function pngOf(picture: Picture): Promise<Blob> {
  const url = URL.createObjectURL(svgBlob(picture));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = picture.width * pixelsPerUnit;
    canvas.height = picture.height * pixelsPerUnit;
    const context = canvas.getContext("2d");
    if (!context) throw new Error("no canvas");
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"));
  } finally {
    URL.revokeObjectURL(url);
  }
}

export function svgBlob(picture: Picture): Blob {
  return new Blob([picture.svg], { type: "image/svg+xml" });
}

/** The name of a file about something on a day: what file systems refuse is left out. */
export function fileName(parts: readonly string[], day: Date, ending: string): string {
  const date = `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}`;
  const clean = parts.map((part) => part.replace(/[\s\u0000-\u001f<>:"/\\|?*]+/g, " ").trim().slice(0, 80)).filter(Boolean);
  return `${[...clean, date].join(" ")}.${ending}`;
}

/** Has the browser save something as a file. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
