/**
 * The layers of the window: pages -> state, components; state -> host; components know no state; only src/host names Tauri or the
 * generated bindings. Import cycles are forbidden.
 */
import { fileURLToPath } from "node:url";

import js from "@eslint/js";
import { createNodeResolver, importX } from "eslint-plugin-import-x";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";

const tauri = { group: ["@tauri-apps/*", "**/bindings"], message: "Only src/host names Tauri or the generated bindings." };
const pages = { group: ["**/pages/**"], message: "Dependencies point down: pages use state and components, never the other way." };
const state = { group: ["**/state/**"], message: "Components know no state; pass props." };
const components = { group: ["**/components/**", "**/illustrations/**"], message: "State renders nothing." };
const fake = { group: ["**/fake/**", "**/fake-main"], message: "The fake app is only for tests and the fake page." };
const forbid = (...patterns) => ({ "no-restricted-imports": ["error", { patterns }] });

export default ts.config(
  { ignores: ["dist", ".fake", ".shots", "src/host/bindings.ts"] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      "no-console": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "svelte/no-at-html-tags": "error",
      "svelte/no-inline-styles": ["error", { allowTransitions: false }],
    },
  },
  { files: ["**/*.svelte", "**/*.svelte.ts"], languageOptions: { parserOptions: { parser: ts.parser } } },
  {
    files: ["src/**"],
    plugins: { "import-x": importX },
    settings: {
      "import-x/extensions": [".ts", ".svelte"],
      "import-x/parsers": { [fileURLToPath(new URL("eslint_imports_parser.cjs", import.meta.url))]: [".ts", ".svelte"] },
      "import-x/resolver-next": [createNodeResolver({ extensions: [".ts", ".svelte", ".json"] })],
    },
    rules: { "import-x/no-cycle": "error" },
  },
  { files: ["tests/pages/**", "packages.mjs", "*.config.js", "*.config.ts", "*.cjs"], languageOptions: { globals: { ...globals.node } }, rules: { "no-console": "off", "@typescript-eslint/no-require-imports": "off" } },
  { files: ["src/pages/**"], rules: forbid(tauri, fake) },
  { files: ["src/state/**"], rules: forbid(tauri, fake, pages, components) },
  { files: ["src/components/**", "src/illustrations/**", "src/help/**"], rules: forbid(tauri, fake, pages, state) },
  { files: ["src/messages.ts"], rules: forbid(tauri, fake, pages, state, components) },
  { files: ["src/main.ts"], rules: forbid(fake) },
);
