/** The window opens, is PRACTICE where it was asked for, has a tray item, and quits from it. */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";
import { TrayItem } from "../lib/tray_item.mjs";

export default async function (test) {
  const app = await App.start(["--practice"]);
  try {
    await test("the first screen says what this is", async () => {
      await app.says(t("ui.first.practice"));
      assert.notEqual(await app.heading(), "");
    });
    await test("practice is said in the window and in its title", async () => {
      await app.says(t("practice.word"));
      assert.match(await app.driver.at("GET", "/title"), /practice/i);
    });
    await test("the page can load nothing from elsewhere and reach no bridge but its own", async () => {
      const seen = await app.driver.run(() => ({ global: "__TAURI__" in window, origin: location.origin }));
      assert.deepEqual(seen, { global: false, origin: "tauri://localhost" });
    });
    await test("the tray has one item with a menu", async () => {
      const item = await until("a tray item", () => TrayItem.all()[0]);
      const labels = item.menu().map((entry) => entry.label);
      assert.ok(labels.length >= 2, labels.join(", "));
      assert.match(item.property("ToolTip") + item.property("Title"), /practice/i);
    });
    await test("quitting from the tray ends every process", async () => {
      TrayItem.all()[0].chooseLast(t("tray.quit"));
      await app.ended();
      assert.deepEqual(TrayItem.all(), []);
    });
  } finally {
    await app.end();
  }
}
