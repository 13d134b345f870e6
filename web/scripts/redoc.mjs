// Puts ReDoc's own bundle into dist/redoc, compressed: the server hands it out as it is stored.
import { createRequire } from "node:module";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync, constants } from "node:zlib";

// ReDoc's side bar has its maker's logo from their own server. Our pages ask for nothing from elsewhere, so it gets an
// empty picture instead.
const logo = '"https://cdn.redoc.ly/redoc/logo-mini.svg"';
const nothing = '"data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="';

const bundle = readFileSync(createRequire(import.meta.url).resolve("redoc/bundles/redoc.standalone.js"), "utf8");
const [before, after, ...more] = bundle.split(logo);
if (after === undefined || more.length > 0) {
  console.error(`ReDoc's bundle does not hold ${logo} exactly once any more: see what it asks for from elsewhere now, and correct scripts/redoc.mjs`);
  process.exit(1);
}
mkdirSync("dist/redoc", { recursive: true });
writeFileSync("dist/redoc/redoc.standalone.js.gz", gzipSync(before + nothing + after, { level: constants.Z_BEST_COMPRESSION }));
