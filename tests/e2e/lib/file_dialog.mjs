/** The system's own file dialogs, answered as somebody at the keyboard would, and the files that come of them. */
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";

import { sleep, until } from "./driver.mjs";

const xdotool = (...args) => execFileSync("xdotool", args, { encoding: "utf8", timeout: 20_000 }).trim();

/** Answers the file dialog of this title with a path. */
export async function answerDialog(title, path) {
  const id = await until(`the dialog "${title}"`, () => xdotool("search", "--onlyvisible", "--name", `^${title}$`).split("\n")[0], 20_000);
  await sleep(500);
  xdotool("windowfocus", "--sync", id);
  // The field for a path: what is typed before it is there would be lost, and nothing tells when it is.
  xdotool("key", "ctrl+l");
  await sleep(1500);
  xdotool("key", "ctrl+a");
  xdotool("type", "--delay", "40", path);
  await sleep(700);
  xdotool("key", "Return");
  await until(`the dialog "${title}" to close`, () => {
    try {
      return xdotool("search", "--onlyvisible", "--name", `^${title}$`) === "";
    } catch {
      return true;
    }
  }, 20_000);
}

/** Waits for a file that only its owner can read, and returns its text. */
export const saved = (path) => until(path, () => statSync(path).size > 0 && (statSync(path).mode & 0o777) === 0o600 && readFileSync(path, "utf8"));
