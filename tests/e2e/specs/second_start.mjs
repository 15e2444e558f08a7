/** A second start shows the window that is open, or opens one beside the agent that runs; there are never two of either. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

import { App, APP } from "../lib/app_window.mjs";
import { closeWindow } from "../lib/desktop_access.mjs";
import { until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";
import { agent, agents, killApp, onlyAgentLeft, startAgent, webProcesses, window, windows } from "../lib/processes.mjs";
import { TrayItem } from "../lib/tray_item.mjs";

const second = (...args) => spawnSync(APP, args, { timeout: 20_000, encoding: "utf8" });

export default async function (test) {
  let app = await App.start();
  let running;
  try {
    running = await agent();
    await until("the tray", () => TrayItem.of(running), 20_000);
    await test("a second start ends at once and opens no second window", async () => {
      const before = await window();
      assert.equal(second().status, 0);
      assert.deepEqual([windows(), agents()], [[before], [running]]);
      assert.equal((await app.driver.handles()).length, 1);
    });
    await test("a second start that asks for no window changes nothing", () => {
      assert.equal(second("--hidden").status, 0);
      assert.deepEqual([windows().length, agents()], [1, [running]]);
    });
    await test("closing the window leaves the agent in the tray", async () => {
      closeWindow();
      await onlyAgentLeft();
      assert.deepEqual(agents(), [running]);
      assert.ok(TrayItem.of(running));
    });
    await test("a mistyped argument is refused by name and disturbs nothing", () => {
      const { status, stderr } = second("--practise");
      assert.equal(status, 2);
      assert.match(stderr, /--practise/);
      assert.deepEqual([windows(), agents()], [[], [running]]);
    });
    await test("a second start that asks for no window brings none", () => {
      assert.equal(second("--hidden").status, 0);
      assert.deepEqual([windows(), webProcesses(), agents()], [[], [], [running]]);
    });
    await app.driver.end();
    await test("a start brings the window back, beside the same agent", async () => {
      app = await App.start();
      assert.notEqual(await app.heading(), "");
      assert.deepEqual(agents(), [running]);
    });
  } finally {
    await app.end();
  }
  try {
    await test("started hidden, the process becomes the agent, and there is no window until the tray opens one", async () => {
      const child = await startAgent();
      assert.deepEqual([agents(), windows()], [[child.pid], []]);
      const item = await until("the tray's menu", () => [TrayItem.of(child.pid)].find((one) => one?.menu().length > 0), 20_000);
      assert.deepEqual(webProcesses(), []);
      item.choose(t("tray.open"));
      const opened = await App.joined();
      assert.notEqual(await opened.heading(), "");
      assert.deepEqual(agents(), [child.pid]);
      await opened.end();
    });
  } finally {
    killApp();
  }
}
