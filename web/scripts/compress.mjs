// Stores the console's files compressed: the server hands them out as they are stored. Brotli would be smaller, but
// browsers take it over https only, which closed networks often do without.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants, gzipSync } from "node:zlib";

const assets = new URL("../dist/console/assets/", import.meta.url);
for (const name of readdirSync(assets)) {
  const file = new URL(name, assets);
  writeFileSync(new URL(`${name}.gz`, assets), gzipSync(readFileSync(file), { level: constants.Z_BEST_COMPRESSION }));
  rmSync(file);
}
