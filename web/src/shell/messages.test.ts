import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { messages as platform } from "@/platform/messages";
import type { Messages } from "@/platform/module";
import { messages as shell } from "./messages";
import * as modules from "./modules";

const all = [platform, shell, ...Object.values(modules).map((m) => m.messages)];

/** The texts by their whole keys. */
function flat(messages: Messages, prefix = ""): Record<string, string> {
  return Object.fromEntries(
    Object.entries(messages).flatMap(([key, value]) => (typeof value === "string" ? [[prefix + key, value]] : Object.entries(flat(value, `${prefix}${key}.`)))),
  );
}

const keys = (messages: Messages) => Object.keys(flat(messages));

const korean = new Set(all.flatMap((m) => keys(m.ko)));

const sources = Object.entries(import.meta.glob<string>("../**/*.{vue,ts}", { query: "?raw", import: "default", eager: true })).filter(([file]) => !/(\.test|messages|schema\.d)\.ts$/.test(file));
const firsts = new Set([...korean].filter((key) => key.includes(".")).map((key) => key.split(".")[0]!));
// What begins like a key and is none: the names of permissions, and the codes of refusals.
const permissions = new Set([...korean].filter((key) => key.startsWith("permissions.")).map((key) => key.replace("permissions.", "")));

/**
 * The keys that a source asks for: what it hands to what speaks, and every other text of its that begins as keys do. In a
 * template, what is bound is no text, and holds texts in the other quotes.
 */
function wordsOf(source: string): string[] {
  const code = source.replace(/\s(?::|@|#|v-)[\w:.-]+="([^"]*)"/g, " $1").replace(/\s[\w-]+="[^"]*"(?=[^;\n]*>)/g, " ");
  const handed = code.matchAll(/(?:\b(?:t|done|announce|failed)\(\s*|\b(?:title|confirm|cancel|lead): )(["'])([\w.]+)\1/g);
  const alike = [...code.matchAll(/(["'`])(\w+(?:\.\w+)+)\1/g)].filter(([, , text]) => firsts.has(text!.split(".")[0]!) && !permissions.has(text!) && !korean.has(`problems.${text}`));
  return [...new Set([...handed, ...alike].map(([, , key]) => key!))];
}

describe("what the console says", () => {
  test("is said in both languages", () => {
    expect([...korean].sort()).toEqual([...new Set(all.flatMap((m) => keys(m.en)))].sort());
  });

  test("is not said twice", () => {
    const said = all.flatMap((m) => keys(m.ko));
    expect(said.filter((key, i) => said.indexOf(key) !== i)).toEqual([]);
  });

  test("fills the same places in both languages", () => {
    const places = (text = "") => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]))].sort().join();
    const uneven = all.flatMap((m) => {
      const [ko, en] = [flat(m.ko), flat(m.en)];
      return Object.keys(ko).filter((key) => places(ko[key]) !== places(en[key]));
    });
    expect(uneven).toEqual([]);
  });

  test("is there wherever a view asks for it by name", () => {
    const asked = sources.flatMap(([file, source]) => wordsOf(source).map((key) => ({ file, key })));
    expect(asked.length).toBeGreaterThan(500);
    expect(asked.filter(({ key }) => !korean.has(key))).toEqual([]);
  });

  test("is looked for in whatever way a view asks", () => {
    const view = `<T :a="t('list.empty')" b="list.value" :c="list.value" d="x.y" /> ask({ title: "unsaved.title", confirm: "remove" }); failed('problems.fault'); t("saved"); may("user.read"); \`rules.\${code}\``;
    expect(wordsOf(view).sort()).toEqual(["list.empty", "problems.fault", "remove", "saved", "unsaved.title"]);
  });

  test("has a sentence for every code that the API documents", () => {
    const documented = readFileSync("../docs/errors.md", "utf8");
    const [problems = "", rules = ""] = documented.slice(0, documented.indexOf("## params")).split("### Codes inside `errors`");
    const refusals = [...problems.matchAll(/^\| \d{3} \| `([\w.]+)`/gm)].map((m) => `problems.${m[1]}`);
    const violations = rules.split("\n").filter((line) => /^\| `(?!code`)/.test(line)).flatMap((line) => [...line.split("|")[1]!.matchAll(/`(\w+)`/g)].map((m) => `rules.${m[1]}`));
    expect(refusals.length).toBeGreaterThan(40);
    expect(violations.length).toBeGreaterThan(30);
    expect([...refusals, ...violations].filter((key) => !korean.has(key))).toEqual([]);
  });

  test("is what the documentation calls it by", () => {
    const named = (page: string, from: RegExp) => [...readFileSync(page, "utf8").split(from)[1]!.split(/^## /m)[0]!.matchAll(/^(?:\d\..*|   .*|\| [^*|]+ \| .*)$/gm)].flatMap(([line]) =>
      line.startsWith("|") ? [line.split("|")[1]!.trim()] : [...line.matchAll(/\*\*([^*]+)\*\*/g)].map(([, name]) => name!));
    const pages = { en: [["../README.md", /^## A first session.*$/m], ["../docs/console.md", /^## What is where$/m]], ko: [["../README.ko.md", /^## 관리 화면으로.*$/m]] } as const;
    for (const language of ["en", "ko"] as const) {
      const said = new Set(all.flatMap((m) => Object.values(flat(m[language]))));
      const names = pages[language].flatMap(([page, from]) => named(page, from)).filter((name) => !["in the menu", "---"].includes(name));
      expect(names.length).toBeGreaterThan(5);
      expect(names.filter((name) => !said.has(name))).toEqual([]);
    }
  });

  test("calls one thing by one word, and people as Korean writes it", () => {
    const said = all.flatMap((m) => Object.values(flat(m.ko)));
    expect(said.filter((text) => /비밀번호 초기화|[가-힣}] 님/.test(text))).toEqual([]);
  });

  test("has no sentence left empty", () => {
    expect(all.flatMap((m) => Object.values(flat(m.ko)).concat(Object.values(flat(m.en)))).filter((text) => text.trim() === "")).toEqual([]);
  });
});
