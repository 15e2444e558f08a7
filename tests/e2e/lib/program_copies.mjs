/** The app's two programs in a folder of the desktop's own, for what may happen to the files of an app that runs. */
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { PRIVATE_DESKTOP } from "./desktop_access.mjs";
import { AGENT_NAME, APP, APP_NAME } from "./processes.mjs";

/** The folder of the programs that were built. */
export const BUILT = dirname(APP);
const PART_BYTES = 4096;

export class ProgramCopies {
  /** Copies these programs into a new folder. */
  constructor(...names) {
    this.folder = mkdtempSync(`${PRIVATE_DESKTOP}/programs-`);
    for (const name of names) this.install(name);
  }

  file(name) {
    return `${this.folder}/${name}`;
  }

  /** Puts a new file in a program's place, as a package manager does: complete under another name, then renamed. */
  install(name) {
    copyFileSync(`${BUILT}/${name}`, this.file("new"));
    renameSync(this.file("new"), this.file(name));
  }

  /** Puts the beginning of a program in its place: it can be executed and does not start. */
  installPart(name) {
    writeFileSync(this.file("new"), readFileSync(`${BUILT}/${name}`).subarray(0, PART_BYTES));
    chmodSync(this.file("new"), 0o755);
    renameSync(this.file("new"), this.file(name));
  }
}

/** Which file a process executes. */
export const fileOf = (id) => statSync(`/proc/${id}/exe`).ino;

/**
 * Writes a program that behaves as an AppImage: it puts the app's files into a new folder and executes the window's program
 * there. Returns its path.
 */
export function appImage() {
  const file = `${PRIVATE_DESKTOP}/Okta.AppImage`;
  const lines = [
    "#!/bin/sh",
    `mount=$(mktemp -d "${PRIVATE_DESKTOP}/mount-XXXXXX")`,
    `cp "${BUILT}/${APP_NAME}" "${BUILT}/${AGENT_NAME}" "$mount"`,
    `export APPIMAGE="${file}" APPDIR="$mount"`,
    `exec "$mount/${APP_NAME}" "$@"`,
  ];
  writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o755 });
  return file;
}
