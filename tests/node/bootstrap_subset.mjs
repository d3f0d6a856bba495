// Print the part of Bootstrap's style sheet that the pages use: `make css` writes it into static/.
//
// PurgeCSS keeps the rules whose classes, ids and elements occur in a template or a script.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { PurgeCSS } from "purgecss";

const root = fileURLToPath(new URL("../../", import.meta.url));
const file = createRequire(import.meta.url).resolve("bootstrap/dist/css/bootstrap.min.css");
const ours = ["inkling", "models", "progress", "api", "about"].map((name) => `${root}static/css/${name}.css`);
const [{ css }] = await new PurgeCSS().purge({
  content: [`${root}templates/*.html`, `${root}static/js/*.js`],
  css: [{ raw: readFileSync(file, "utf8"), name: "bootstrap" }, ...ours],
  variables: true, // those that our own sheets use stay
  keyframes: true,
});
process.stdout.write(`${css.replace(/\/\*#.*?\*\//g, "").trim()}\n`);
