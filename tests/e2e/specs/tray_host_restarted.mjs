/**
 * The desktop's tray goes and comes back, as it does when a panel crashes or a session is changed: the app takes its place again, with
 * its face, its words and its menu, and a status that changed meanwhile is the one it shows.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { App, t } from "../lib/app.mjs";
import { PRIVATE_DESKTOP, log, TrayItem } from "../lib/desktop.mjs";
import { until } from "../lib/driver.mjs";

export const desktop = { DESKTOP_TRAY: "none" };
const HOST = fileURLToPath(new URL("../../desktop/tray_host.py", import.meta.url));

/** A tray host whose log begins anew. */
async function hosted() {
  const host = spawn("/usr/bin/python3", [HOST], { stdio: ["ignore", openSync(`${PRIVATE_DESKTOP}/tray.jsonl`, "w"), "inherit"] });
  await until("a tray item", () => log("tray.jsonl").some((line) => line.event === "registered"), 20_000);
  await until("its menu", () => TrayItem.all()[0].menu().length > 0);
  return host;
}

/** Ends it as a crash would. */
async function crashed(host) {
  host.kill("SIGKILL");
  await until("the tray to be gone", () => host.signalCode !== null);
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
        await crashed(host);
        host = await hosted();
        assert.equal(TrayItem.all().length, 1);
        assert.ok(TrayItem.all()[0].property("IconPixmap").length > 100);
        assert.ok(TrayItem.all()[0].menu().some((entry) => entry.label === t("tray.quit")));
      });
    }
    await test("what changed while there was no tray is what it shows", async () => {
      await crashed(host);
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
}
