/** Launch at login: switched on in the settings, the desktop's own entry starts the agent alone; switched off, it is gone. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

import { App } from "../lib/app_window.mjs";
import { until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";
import { agent, agents, webProcesses, windows } from "../lib/processes.mjs";
import { TrayItem } from "../lib/tray_item.mjs";

const FOLDER = `${process.env.XDG_CONFIG_HOME}/autostart`;
const entries = () => (existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => name.endsWith(".desktop")) : []);

export default async function (test) {
  let app = await App.start();
  const settings = async () => {
    await app.press("button", t("ui.title.settings"));
    await app.says(t("ui.launch.title"));
  };
  try {
    await test("nothing starts with this computer until somebody wants it", async () => {
      await settings();
      assert.deepEqual(await app.invoke("launch_at_login"), { on: false, changes: true, dead_command: null });
      assert.deepEqual(entries(), []);
    });
    await test("switched on, the desktop's entry starts the app without a window", async () => {
      await app.press("checkbox", t("ui.done.launch"));
      await until("the entry", () => entries().length === 1);
      assert.match(readFileSync(`${FOLDER}/${entries()[0]}`, "utf8"), /^Exec=.*okta-connector-for-radiant"? --hidden/m);
      assert.equal((await app.invoke("launch_at_login")).on, true);
    });
    await test("what the entry starts becomes the agent, with its tray item and without a window", async () => {
      await agent();
      await app.quit();
      const line = /^Exec=(.*)$/m.exec(readFileSync(`${FOLDER}/${entries()[0]}`, "utf8"))[1];
      const started = spawn("/bin/sh", ["-c", `exec ${line}`], { stdio: "ignore" });
      await until("the agent's tray item", () => TrayItem.of(started.pid), 20_000);
      assert.deepEqual([agents(), windows(), webProcesses()], [[started.pid], [], []]);
    });
    app = await App.start();
    await settings();
    await test("switched off, the entry is gone", async () => {
      await app.press("checkbox", t("ui.done.launch"));
      await until("the entry to go", () => entries().length === 0);
    });
  } finally {
    await app.end();
  }
  const practice = await App.start(["--practice"]);
  try {
    await test("practice changes nothing on this computer and says so", async () => {
      await practice.press("button", t("ui.title.settings"));
      await practice.says(t("ui.launch.practice"));
      await assert.rejects(practice.invoke("set_launch_at_login", { on: true }), /step_not_ready/);
      assert.deepEqual(entries(), []);
    });
  } finally {
    await practice.end();
  }
}
