/**
 * The desktop's tray goes and comes back, as it does when a panel crashes or a session is changed: the app takes its place again, with
 * its face, its words and its menu, and a status that changed meanwhile is the one it shows.
 */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { closeWindow, log } from "../lib/desktop_access.mjs";
import { until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";
import { agent, agents, onlyAgentLeft } from "../lib/processes.mjs";
import { endService, startTrayHost } from "../lib/services.mjs";
import { TrayItem } from "../lib/tray_item.mjs";

export const desktop = { DESKTOP_TRAY: "none" };

/** A tray host whose log begins anew. */
async function hosted() {
  const host = await startTrayHost();
  await until("a tray item", () => log("tray.jsonl").some((line) => line.event === "registered"), 20_000);
  await until("its menu", () => TrayItem.all()[0].menu().length > 0);
  return host;
}

export default async function (test) {
  const app = await App.start(["--practice"]);
  let host = await hosted();
  let left = false;
  const shows = (text) => until(text, () => TrayItem.all()[0].property("ToolTip").includes(text));
  try {
    await test("the app has its place in the tray", async () => {
      assert.equal(TrayItem.all().length, 1);
      assert.ok(TrayItem.all()[0].menu().some((entry) => entry.label === t("tray.quit")));
    });
    for (const time of ["first", "second"]) {
      await test(`a tray that crashed for the ${time} time finds the app there again, once`, async () => {
        await endService(host);
        host = await hosted();
        assert.equal(TrayItem.all().length, 1);
        assert.ok(TrayItem.all()[0].property("IconPixmap").length > 100);
        assert.ok(TrayItem.all()[0].menu().some((entry) => entry.label === t("tray.quit")));
      });
    }
    await test("what changed while there was no tray is what it shows", async () => {
      await endService(host);
      const { connection } = await app.invoke("begin_practice");
      await app.invoke("rename_connection", { id: connection.id, name: "Renamed" });
      host = await hosted();
      await shows("Renamed");
    });
    await test("its menu still works", async () => {
      await app.quit();
      left = true;
    });
  } finally {
    host.kill();
    if (!left) await app.end();
  }
  await withoutWindow(test);
}

/** The same for the agent, whose window is closed. */
async function withoutWindow(test) {
  const app = await App.start();
  let host;
  try {
    const running = await agent();
    closeWindow();
    await onlyAgentLeft();
    await test("an agent that was started without a tray takes its place in one", async () => {
      host = await hosted();
      assert.ok(TrayItem.of(running));
    });
    await test("a tray that crashed finds the agent there again, once", async () => {
      await endService(host);
      host = await hosted();
      assert.deepEqual([TrayItem.all().length, agents()], [1, [running]]);
      assert.ok(TrayItem.of(running).menu().some((entry) => entry.label === t("tray.open")));
    });
    await test("its menu still ends it", async () => {
      await app.quit();
    });
  } finally {
    host?.kill();
    await app.end();
  }
}
