/**
 * The window's walls: pages -> state, parts; state -> host; parts know no state; only src/host names Tauri or the bindings.
 */
import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";

const tauri = { group: ["@tauri-apps/*", "**/bindings", "**/host/tauri"], message: "Only src/host names Tauri or the bindings." };
const pages = { group: ["**/pages/**"], message: "Arrows go down: pages use state and parts, never the other way." };
const state = { group: ["**/state/**"], message: "Parts know no state; give them props." };
const fake = { group: ["**/fake/**", "**/fake-main"], message: "The fake host is for tests and the fake page alone." };
const walls = (...patterns) => ({ "no-restricted-imports": ["error", { patterns }] });

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
  { files: ["tests/pages/**", "packages.mjs", "*.config.js", "*.config.ts"], languageOptions: { globals: { ...globals.node } }, rules: { "no-console": "off" } },
  { files: ["src/pages/**"], rules: walls(tauri, fake) },
  { files: ["src/state/**"], rules: walls(tauri, fake, pages, { group: ["**/parts/**"], message: "State draws nothing." }) },
  { files: ["src/parts/**", "src/pictures/**", "src/help/**"], rules: walls(tauri, fake, pages, state) },
  { files: ["src/words.ts"], rules: walls(tauri, fake, pages, state) },
  { files: ["src/main.ts"], rules: walls(fake) },
);
