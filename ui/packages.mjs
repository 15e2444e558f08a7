/**
 * Prints the npm packages whose code is in the page, as JSON: name, version, license, folder. They are the ones that the bundler
 * kept, wherever package.json lists them. Writes nothing.
 */
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "vite";

const root = dirname(fileURLToPath(import.meta.url));
const folders = new Set();
const listing = {
  name: "packages",
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      for (const [id, module] of Object.entries(chunk.modules ?? {})) {
        const folder = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id.replaceAll("\\", "/"))?.[0];
        if (folder && module.renderedLength > 0) folders.add(folder.replace(/^\0/, ""));
      }
    }
  },
};

await build({ root, logLevel: "error", plugins: [listing], build: { write: false } });
const packages = [...folders].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  return { name, version, license, folder };
});
console.log(JSON.stringify(packages));
