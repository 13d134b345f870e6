import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("breaking.mjs", import.meta.url));
const released = fileURLToPath(new URL("../../docs/openapi-released.json", import.meta.url));
const dir = mkdtempSync(join(tmpdir(), "erp-breaking-"));
after(() => rmSync(dir, { recursive: true }));

/** Compares the released document with a changed copy of it, under a CHANGELOG. */
function compare(change, changelog) {
  const document = JSON.parse(readFileSync(released, "utf8"));
  change(document);
  writeFileSync(join(dir, "now.json"), JSON.stringify(document));
  writeFileSync(join(dir, "CHANGELOG.md"), changelog);
  const { status, stderr, stdout } = spawnSync("node", [script, released, join(dir, "now.json"), join(dir, "CHANGELOG.md")], { encoding: "utf8" });
  return { status, said: stdout + stderr };
}

const unreleased = (text) => `# Changelog\n\n## [Unreleased]\n\n${text}\n\n## [0.1.0] - 2026-11-30\n\n### Added\n\n- Everything.\n`;
const dropPosition = (document) => delete document.components.schemas.MoveDepartmentBody.properties.position;
const kind = "request-property-removed";

test("nothing changed", () => assert.equal(compare(() => {}, unreleased("")).status, 0));

test("an operation more, a field more in an answer", () => {
  const more = (document) => {
    document.paths["/more"] = { get: { operationId: "more", responses: { 200: { description: "OK" } } } };
    document.components.schemas.Organization.properties.more = { type: "string" };
  };
  assert.equal(compare(more, unreleased("")).status, 0);
});

test("a field that is gone fails, and the message names operation and kind", () => {
  const { status, said } = compare(dropPosition, unreleased("### Changed\n\n- `move-department` is faster."));
  assert.equal(status, 1, said);
  assert.match(said, new RegExp("`move-department`.*position.*`" + kind + "`"));
});

test("a field that is gone passes once CHANGELOG names it", () => {
  const line = `### Breaking\n\n- \`move-department\` takes no position\n  any more (\`${kind}\`).\n\n### Fixed\n\n- This.`;
  const { status, said } = compare(dropPosition, unreleased(line));
  assert.equal(status, 0, said);
});

test("it does not pass when CHANGELOG names", async (t) => {
  const lines = {
    "another operation": `### Breaking\n\n- \`move-user\` (\`${kind}\`)`,
    "another kind": "### Breaking\n\n- `move-department` (`api-removed-without-deprecation`)",
    "operation and kind on different lines": `### Breaking\n\n- \`move-department\` (\`x\`)\n- \`move-user\` (\`${kind}\`)`,
    "it among what is fixed": `### Fixed\n\n- \`move-department\` (\`${kind}\`)`,
  };
  for (const [name, text] of Object.entries(lines)) await t.test(name, () => assert.equal(compare(dropPosition, unreleased(text)).status, 1));
  await t.test("it for an older release", () => assert.equal(compare(dropPosition, `${unreleased("")}\n### Breaking\n\n- \`move-department\` (\`${kind}\`)\n`).status, 1));
});

test("other breaks are found", async (t) => {
  const breaks = {
    "an operation that is gone": (d) => delete d.paths["/roles/{id}"].put,
    "a field that is gone from answers": (d) => {
      delete d.components.schemas.User.properties.email;
      d.components.schemas.User.required = d.components.schemas.User.required.filter((name) => name !== "email");
    },
    "a field that becomes required": (d) => d.components.schemas.CreateUserBody.required.push("full_name"),
    "a shorter text": (d) => (d.components.schemas.CreateOrganizationBody.properties.name.maxLength = 10),
    "a parameter that is gone": (d) => d.paths["/users"].get.parameters.shift(),
    "a sign-in that is asked for": (d) => (d.paths["/healthz"].get.security = [{ bearer: [] }]),
  };
  for (const [name, change] of Object.entries(breaks)) await t.test(name, () => assert.equal(compare(change, unreleased("")).status, 1));
});
