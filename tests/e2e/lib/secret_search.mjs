/** Searches the private desktop for secrets: its files, and the arguments and environments of its processes. */
import { readdirSync } from "node:fs";

import { PRIVATE_DESKTOP, read } from "./desktop_access.mjs";

/** A text as it may stand in a file: plain, as UTF-16, and within a longer text in base64. */
function spellings(text) {
  const bytes = Buffer.from(text);
  // In base64 three bytes are four letters, so there are three ways to begin; the letters that neighbours have a part in are left out.
  const within = [0, 1, 2].map((before) => {
    const letters = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64").replace(/=+$/, "");
    return Buffer.from(letters.slice(before && before + 1, Math.floor(((before + bytes.length) * 8) / 6)));
  });
  return [bytes, Buffer.from(text, "utf16le"), ...within];
}

/** Every place on the desktop, outside the keychain's daemon, where any of the texts stands; files, arguments, environments. */
export function placesOf(texts) {
  const wanted = texts.flatMap(spellings);
  const holds = (bytes) => wanted.some((one) => bytes.includes(one));
  const places = files(PRIVATE_DESKTOP).filter((file) => holds(read(file)));
  for (const id of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    if (!read(`/proc/${id}/environ`).includes(`PRIVATE_DESKTOP=${PRIVATE_DESKTOP}\0`)) continue;
    for (const what of ["cmdline", "environ"]) if (holds(read(`/proc/${id}/${what}`))) places.push(`/proc/${id}/${what}`);
  }
  return places;
}

function files(dir) {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = `${dir}/${entry.name}`;
    if (entry.isDirectory()) return files(path);
    return entry.isFile() ? [path] : [];
  });
}

/** How many files were looked through: a search that saw nothing proves nothing. */
export const fileCount = () => files(PRIVATE_DESKTOP).length;
