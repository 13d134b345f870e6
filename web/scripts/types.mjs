// Writes src/platform/schema.d.ts, the types of the API, from the document that `erp openapi` prints. With --check it
// writes nothing and fails when the file is another one.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const erp = fileURLToPath(new URL("../../bin/erp", import.meta.url));
const target = new URL("../src/platform/schema.d.ts", import.meta.url);

// What an installation may set must not change the types.
const env = { PATH: process.env.PATH, APP_VERSION: "types" };
const document = JSON.parse(execFileSync(erp, ["openapi"], { env, cwd: "/", encoding: "utf8", maxBuffer: 1 << 26 }));
const types =
  "// Made by `make types` from the server's OpenAPI document; not to be edited.\n" +
  astToString(await openapiTS(document, { alphabetize: true, defaultNonNullable: false })) +
  '/** The objects of the API, by name. */\nexport type Schemas = components["schemas"];\n';

if (process.argv.includes("--check")) {
  if (readFileSync(target, "utf8") !== types) {
    console.error("web/src/platform/schema.d.ts is not what the server's OpenAPI document says: run `make types` and commit it");
    process.exit(1);
  }
} else {
  writeFileSync(target, types);
}
