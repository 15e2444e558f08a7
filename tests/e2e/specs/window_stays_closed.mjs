/**
 * A window that stays closed: a minute later the app has started over in the tray alone, with nothing of the web view left, under
 * the same process id. Practice lives in memory, so an app that holds it does not; nor does one whose program's file was replaced
 * by something that does not start, until it was replaced by what does, as an upgrade of its package does.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, writeFileSync } from "node:fs";

import { APP, APP_NAME, t } from "../lib/app.mjs";
import { closeWindow, PRIVATE_DESKTOP, processes, TrayItem } from "../lib/desktop.mjs";
import { sleep, until } from "../lib/driver.mjs";

/** A minute passes before it starts over. */
const OVER_MS = 100_000;
/** Longer than that minute, and what it takes to look at a program. */
const LOOKED_MS = 75_000;
/** The app as it is installed on this desktop. */
const INSTALLED = `${PRIVATE_DESKTOP}/installed/${APP_NAME}`;
const start = (program, ...args) => spawn(program, args, { stdio: "ignore" });
const parent = (id) => /\nPPid:\t(\d+)/.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1];
/** WebKit's processes below one of the apps: its pages' and the one for the network. */
const web = (app) => processes("WebKit").filter((id) => parent(id) === String(app.pid));
const words = (app) => readFileSync(`/proc/${app.pid}/cmdline`, "utf8").split("\0").slice(1, -1);
/** The files an app has open. One it closes between the listing and the look makes it throw: then `until` asks again. */
const open = (app) => readdirSync(`/proc/${app.pid}/fd`).map((fd) => readlinkSync(`/proc/${app.pid}/fd/${fd}`));

/** Puts a program in the place of the installed one, as a package does: beside it first, then in one step. */
function install(write) {
  const fresh = `${INSTALLED}.new`;
  write(fresh);
  chmodSync(fresh, 0o755);
  renameSync(fresh, INSTALLED);
}

export default async function (test) {
  mkdirSync(`${PRIVATE_DESKTOP}/installed`);
  install((file) => copyFileSync(APP, file));
  const app = start(INSTALLED);
  const practice = start(APP, "--practice");
  let ended;
  app.once("exit", (code) => (ended = code));
  try {
    await until("both windows", () => web(app).length === 2 && web(practice).length === 2, 30_000);
    await until("both tray items", () => TrayItem.all().length === 2, 20_000);
    await test("closing the window ends the page's process", async () => {
      closeWindow();
      await until("the pages to end", () => processes("WebKitWebProcess").length === 0);
    });
    await test("a minute later it stays as it is, because what is installed in its place does not start", async () => {
      install((file) => writeFileSync(file, "#!/bin/sh\nexit 127\n"));
      await sleep(LOOKED_MS);
      assert.deepEqual([ended, words(app), web(app).length], [undefined, [], 1]);
      assert.equal(TrayItem.all().length, 2);
    });
    await test("once a whole program is there, the app has started over as that one without a window, as the same process", async () => {
      install((file) => copyFileSync(APP, file));
      await until("the web view's processes to be gone", () => web(app).length === 0, OVER_MS);
      await until("the new start", () => words(app).join() === "--hidden");
      assert.equal(ended, undefined);
      assert.equal(readlinkSync(`/proc/${app.pid}/exe`), INSTALLED);
      await until("the files the web view had open to be closed", () => open(app).every((file) => !/^\/(proc|sys)\//.test(file)));
      assert.equal(processes(APP_NAME).length, 2);
    });
    await test("its tray item is there again, with its menu", async () => {
      await until("the menu", () => TrayItem.all().length === 2 && TrayItem.all().every((item) => item.menu().length > 0), 20_000);
    });
    await test("nothing was started over where practice is held in memory", () => {
      assert.deepEqual(words(practice), ["--practice"]);
      assert.equal(web(practice).length, 1);
    });
    await test("a second start brings the window back", async () => {
      assert.equal(spawnSync(INSTALLED, [], { timeout: 20_000 }).status, 0);
      await until("the window", () => web(app).length === 2);
    });
    await test("it can be closed and quit as before", async () => {
      closeWindow();
      await until("the page to end", () => processes("WebKitWebProcess").length === 0);
      const own = await until("its tray item", () => TrayItem.all().find((item) => !/practice/i.test(item.property("ToolTip"))));
      own.chooseLast(t("tray.quit"));
      await until("its end", () => ended === 0);
      assert.equal(web(app).length, 0);
    });
  } finally {
    app.kill("SIGKILL");
    practice.kill("SIGKILL");
  }
}
