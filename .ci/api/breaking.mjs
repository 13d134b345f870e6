// Looks for what clients of the last release would stumble over, and lets only that pass which CHANGELOG.md names:
//
//	node breaking.mjs RELEASED.json NOW.json CHANGELOG.md
//
// oasdiff finds the changes. One is named by a line under "### Breaking" of [Unreleased] that holds, in backquotes, the
// operation's id and the kind of the change, or the kind alone where the change is in no operation:
//
//	- `list-users`, `user-by-id`: users have no `fax` any more (`response-required-property-removed`)
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const oasdiff = fileURLToPath(new URL("../../bin/oasdiff", import.meta.url));

/** The lines of CHANGELOG.md that name a break since the last release; an item may go on over several lines. */
export function namedIn(changelog) {
  const [, unreleased = ""] = /^## \[Unreleased\]$([^]*?)(?=^## \[|(?![^]))/m.exec(changelog) ?? [];
  const sections = [...unreleased.matchAll(/^### Breaking$([^]*?)(?=^###? |(?![^]))/gm)];
  return sections.flatMap(([, section]) => section.split(/^- /m).slice(1));
}

/** Those of oasdiff's findings that no line names. */
export function unnamed(findings, lines) {
  const holds = (line, word) => line.includes("`" + word + "`");
  return findings.filter((f) => !lines.some((line) => holds(line, f.id) && (!f.operationId || holds(line, f.operationId))));
}

/** What oasdiff finds, its warnings too: whether a client stumbles is for the client to say. */
export function findings(released, now) {
  return JSON.parse(execFileSync(oasdiff, ["breaking", "--format", "json", released, now], { encoding: "utf8", maxBuffer: 1 << 26 }).trim() || "[]");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [released, now, changelog] = process.argv.slice(2);
  const found = findings(released, now);
  const left = unnamed(found, namedIn(readFileSync(changelog, "utf8")));
  for (const f of left) console.error(`${f.operationId ? `\`${f.operationId}\`, ${f.operation} ${f.path}: ` : ""}${f.text} (\`${f.id}\`)`);
  if (left.length > 0) {
    console.error(`${left.length} breaking changes since the last release. Take them back, or name each under "### Breaking" of CHANGELOG.md: see CONTRIBUTING.md`);
    process.exit(1);
  }
  console.log(`no breaking change but those that CHANGELOG.md names (${found.length})`);
}
