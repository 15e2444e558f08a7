/** The private desktop around the test: the app's files, its window on the display, pictures of the display, and the logs of its services. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { sleep } from "./driver.mjs";

export const PRIVATE_DESKTOP = process.env.PRIVATE_DESKTOP;
/** The app's data folder on this desktop. */
export const DATA = `${process.env.XDG_DATA_HOME}/ai.radiantsecurity.okta-connector`;
/** The app's database. */
export const DATABASE = `${DATA}/connector.db`;

/** Closes the app's window as its frame's button would. */
export function closeWindow() {
  execFileSync("/usr/bin/python3", [fileURLToPath(new URL("../../desktop/close_window.py", import.meta.url)), "Okta Connector for Radiant"]);
}

/** Takes the app's window from the display and the focus from it, as another window in front would; the page goes on. */
export function unmapWindow() {
  execFileSync("xdotool", ["search", "--sync", "--name", "^Okta Connector for Radiant", "windowunmap"]);
}

/** Puts a file into the app's data folder before the app is started. */
export function plant(name, bytes) {
  mkdirSync(DATA, { recursive: true, mode: 0o700 });
  writeFileSync(`${DATA}/${name}`, bytes);
}

/** The files of the data folder whose name begins with a text. */
export const kept = (beginning) => readdirSync(DATA).filter((name) => name.startsWith(beginning)).map((name) => `${DATA}/${name}`);

/** Writes a picture of the display's upper left part, where the window is, once nothing in it moves; of all of it without a size. */
export async function picture(file, size) {
  const part = size ? ["-crop", `${size[0]}x${size[1]}+0+0`, "+repage"] : [];
  let last;
  for (let i = 0; i < 20; i++) {
    const now = execFileSync("import", ["-window", "root", ...part, "-strip", "png:-"], { timeout: 10_000, maxBuffer: 1 << 26 });
    if (last?.equals(now)) break;
    last = now;
    await sleep(60);
  }
  writeFileSync(file, last);
}

/** The lines of one of the desktop's logs. */
export function log(name) {
  return readFileSync(`${PRIVATE_DESKTOP}/${name}`, "utf8").split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}

/** Returns the content of a file; nothing where it cannot be read, as that of a process that has just ended. */
export function read(path) {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
