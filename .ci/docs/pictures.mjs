// Draws each *.dot below docs/ (Graphviz) as an SVG beside it.
//
//	node pictures.mjs            writes the pictures
//	node pictures.mjs --check    fails when one is not what its text says
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { instance } from "@viz-js/viz";

const docs = fileURLToPath(new URL("../../docs/", import.meta.url));
const font = "Helvetica,Arial,sans-serif";
const look = {
  format: "svg",
  graphAttributes: { fontname: font, fontsize: 12, bgcolor: "white", pad: 0.2, nodesep: 0.35, ranksep: 0.4, color: "#9aa7b5", fontcolor: "#34495e", style: "rounded" },
  nodeAttributes: { fontname: font, fontsize: 11, shape: "box", style: "rounded,filled", fillcolor: "#eaf2fb", color: "#3b6ea5", fontcolor: "#10263b", margin: "0.3,0.08", height: 0.35 },
  edgeAttributes: { fontname: font, fontsize: 10, color: "#55697d", fontcolor: "#55697d", arrowsize: 0.7 },
};

const viz = await instance();
let stale = 0;
for (const name of readdirSync(docs, { recursive: true }).filter((file) => file.endsWith(".dot")).sort()) {
  const picture = join(docs, name.replace(/\.dot$/, ".svg"));
  const drawn = viz.renderString(readFileSync(join(docs, name), "utf8"), look);
  if (existsSync(picture) && readFileSync(picture, "utf8") === drawn) continue;
  if (process.argv.includes("--check")) {
    stale++;
    console.error(`docs/${name.replace(/\.dot$/, ".svg")} is not what its text says: run make docs`);
  } else {
    writeFileSync(picture, drawn);
    console.log(`drew docs/${name.replace(/\.dot$/, ".svg")}`);
  }
}
process.exit(stale ? 1 : 0);
