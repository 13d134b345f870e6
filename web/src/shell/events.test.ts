import { existsSync, readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { addMessages, i18n, type Language, speak } from "@/platform/i18n";
import { messages as platform } from "@/platform/messages";
import * as modules from "./modules";

const { t, te } = i18n.global;
const languages: readonly Language[] = ["ko", "en"];

/** What the server's modules say of their events. */
const events = readdirSync("../modules")
  .map((module) => `../modules/${module}/domain/events.go`)
  .filter((file) => existsSync(file))
  .map((file) => readFileSync(file, "utf8"));
const all = (pattern: RegExp, source: string) => [...source.matchAll(pattern)].map(([, found]) => found!);
const kinds = [...events.flatMap((source) => all(/^\t\w+\s*= "(\w+\.\w+)"/gm, source)), ...all(/^const Refused = "(\w+)"/gm, readFileSync("../platform/journal/refusals.go", "utf8"))];
const fields = new Set(events.flatMap((source) => all(/change\.(?:Public|Personal)\("(\w+)"/g, source)));

beforeAll(() => [platform, ...Object.values(modules).map((m) => m.messages)].forEach(addMessages));

describe.each(languages)("in %s, a history", (language) => {
  test("has a sentence for every kind of event", () => {
    speak(language);
    expect(kinds.length).toBeGreaterThanOrEqual(28);
    expect(kinds).toContain("refused");
    expect(kinds.filter((kind) => !te(`history.kinds.${kind}`, language) || t(`history.kinds.${kind}`) === "")).toEqual([]);
  });

  test("has a word for every field of an event", () => {
    speak(language);
    expect(fields.size).toBeGreaterThanOrEqual(10);
    expect([...fields].filter((field) => !te(`fields.${field}`, language))).toEqual([]);
  });
});
