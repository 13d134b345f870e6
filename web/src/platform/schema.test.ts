// @vitest-environment node
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("the types of the API are those of the server's OpenAPI document", () => {
  const script = fileURLToPath(new URL("../../scripts/types.mjs", import.meta.url));
  expect(() => execFileSync(process.execPath, [script, "--check"], { encoding: "utf8", stdio: "pipe" })).not.toThrow();
}, 60_000);
