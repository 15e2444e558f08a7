/**
 * Parses modules for the import-cycle rule; of a component only its scripts, because the rule looks for imports at the top level,
 * where the tree of svelte-eslint-parser does not have them.
 */
const { parser } = require("typescript-eslint");

exports.parseForESLint = (code, options) => {
  const scripts = [...code.matchAll(/<script(?:"[^"]*"|[^">])*>([\s\S]*?)<\/script>/g)].map((script) => script[1]);
  return parser.parseForESLint(options.filePath.endsWith(".svelte") ? scripts.join("\n") : code, options);
};
