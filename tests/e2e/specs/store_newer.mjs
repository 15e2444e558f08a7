/** A database of a newer version: left untouched, said truly, and kept whole where one chooses to start fresh. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

import { App } from "../lib/app_window.mjs";
import { DATABASE, kept } from "../lib/desktop_access.mjs";
import { until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";

/** Gives the database the version of a later app, as SQLite itself would, and returns its bytes. */
function madeNewer() {
  const script = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('PRAGMA user_version = 99'); db.close()";
  execFileSync("/usr/bin/python3", ["-c", script, DATABASE]);
  return readFileSync(DATABASE);
}

export default async function (test) {
  let app = await App.start();
  try {
    await test("a guide is begun and the app is quit", async () => {
      await app.byKeyboard("button", t("ui.first.connect"));
      await app.step("before");
      await app.tick(t("ui.before.serviceAccount"));
      await app.quit();
    });
    const newer = madeNewer();
    app = await App.start();
    await test("the window says that a newer version wrote it, and that it was left as it is", async () => {
      assert.equal(await app.heading(), t("code.store_newer.title"));
      await app.says(t("code.store_newer.meaning"));
      await app.says(t("code.store_newer.remedy"));
      assert.deepEqual(readFileSync(DATABASE), newer);
    });
    await test("set aside, it is kept whole and the app begins anew", async () => {
      await app.byKeyboard("button", t("ui.start.aside"));
      await app.says(t("ui.start.asideKept"));
      await app.byKeyboard("button", t("ui.start.aside"));
      await until("the first screen", () => app.sees("button", t("ui.first.connect")));
      assert.deepEqual(kept("connector.db.set-aside-").filter((file) => !/-(wal|shm)$/.test(file)).map((file) => readFileSync(file)), [newer]);
      assert.deepEqual(await app.invoke("connections"), []);
    });
  } finally {
    await app.end();
  }
}
