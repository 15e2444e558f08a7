/** The message catalog of the window's language: what the app displays, by key. */
import { readFileSync } from "node:fs";

/** The window's language: English, unless E2E_LANGUAGE says otherwise and the spec sets the app to it. */
export const LANGUAGE = process.env.E2E_LANGUAGE ?? "en";
const MESSAGES = JSON.parse(readFileSync(new URL(`../../../ui/messages/${LANGUAGE}.json`, import.meta.url), "utf8"));

/** A message as it stands in the catalog. */
export function raw(key) {
  const text = MESSAGES[key];
  if (text === undefined) throw new Error(`no message ${key}`);
  return text;
}

/** A message with its placeholders filled and its marks of emphasis taken out. */
export function t(key, args = {}) {
  return Object.entries(args)
    .reduce((said, [name, value]) => said.replaceAll(`{${name}}`, String(value)), raw(key))
    .replaceAll("**", "");
}
