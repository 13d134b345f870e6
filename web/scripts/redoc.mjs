// Puts ReDoc's own bundle into dist/redoc, compressed: the server hands it out as it is stored.
import { createRequire } from "node:module";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync, constants } from "node:zlib";

const bundle = createRequire(import.meta.url).resolve("redoc/bundles/redoc.standalone.js");
mkdirSync("dist/redoc", { recursive: true });
writeFileSync("dist/redoc/redoc.standalone.js.gz", gzipSync(readFileSync(bundle), { level: constants.Z_BEST_COMPRESSION }));
