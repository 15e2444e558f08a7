/** A second start shows the first's window and ends; closing the window keeps the tray and frees the web view. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

import { App, APP, APP_NAME, t } from "../lib/app.mjs";
import { closeWindow, processes, TrayItem } from "../lib/desktop.mjs";
import { until } from "../lib/driver.mjs";

const second = (...args) => spawnSync(APP, args, { timeout: 20_000, encoding: "utf8" });

export default async function (test) {
  const app = await App.start();
  try {
    await until("the tray", () => TrayItem.all().length === 1);
    await test("a second start ends at once and opens no second window", async () => {
      assert.equal(second().status, 0);
      assert.equal(processes(APP_NAME).length, 1);
      assert.equal((await app.driver.handles()).length, 1);
    });
    await test("closing the window keeps the app in the tray and frees the web process", async () => {
      closeWindow();
      await until("the web process to end", () => processes("WebKitWebProcess").length === 0);
      assert.equal(processes(APP_NAME).length, 1);
      assert.equal(TrayItem.all().length, 1);
    });
    await test("a mistyped argument is refused by name and disturbs nothing", () => {
      const { status, stderr } = second("--practise");
      assert.equal(status, 2);
      assert.match(stderr, /--practise/);
      assert.equal(processes(APP_NAME).length, 1);
    });
    await test("a second start that asks for no window brings none", () => {
      assert.equal(second("--hidden").status, 0);
      assert.equal(processes("WebKitWebProcess").length, 0);
      assert.equal(processes(APP_NAME).length, 1);
    });
    await test("a second start brings the window back", async () => {
      assert.equal(second().status, 0);
      await app.driver.turnToNewest();
      await app.ready();
      assert.notEqual(await app.heading(), "");
    });
  } finally {
    await app.end();
  }
  const hidden = App.start(["--hidden"]);
  try {
    await test("started hidden, there is no window until the tray opens one", async () => {
      const item = await until("the tray's menu", () => TrayItem.all().find((one) => one.menu().length > 0), 20_000);
      assert.equal(processes("WebKitWebProcess").length, 0);
      item.choose(t("tray.open"));
      const opened = await hidden;
      assert.notEqual(await opened.heading(), "");
    });
  } finally {
    await hidden.then((opened) => opened.end(), () => undefined);
  }
}
