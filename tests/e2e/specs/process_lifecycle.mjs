/**
 * Agent and window are two processes: each survives a crash of the other, an open window starts a lost agent again, there are never
 * two of either, the agent opens the window from its tray, and Quit ends both.
 */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { closeWindow } from "../lib/desktop_access.mjs";
import { sleep, until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";
import { agent, agents, crash, onlyAgentLeft, secondStart, sessionOf, standardFiles, webProcesses, window, windows } from "../lib/processes.mjs";
import { TrayItem } from "../lib/tray_item.mjs";

/** How soon an open window has started a lost agent again. */
const AGAIN_MS = 10_000;
const GONE_MS = 2_000;
const STARTS = 5;

export default async function (test) {
  let app = await App.start();
  /** The agent's item is the only one. */
  const oneItem = async (owner) => {
    await until("the agent's tray item, and no other", () => TrayItem.all().length === 1 && TrayItem.of(owner), 20_000);
  };
  try {
    let running = await agent();
    await test("the window starts an agent, which has the only tray item and a session of its own", async () => {
      await oneItem(running);
      assert.equal(sessionOf(running), running);
      assert.notEqual(sessionOf(await window()), running);
      assert.deepEqual(standardFiles(running), ["/dev/null", "/dev/null", "/dev/null"]);
    });
    await test("a window that crashes leaves the agent as it is", async () => {
      await crash(await window());
      await onlyAgentLeft();
      assert.deepEqual(agents(), [running]);
      await oneItem(running);
      await app.driver.end();
    });
    await test("a window opened from the tray is a process of its own, started by the agent", async () => {
      TrayItem.of(running).choose(t("tray.open"));
      app = await App.joined();
      const opened = await window();
      assert.deepEqual(agents(), [running]);
      assert.equal(sessionOf(opened), opened);
      assert.deepEqual(standardFiles(opened), ["/dev/null", "/dev/null", "/dev/null"]);
    });
    await test("an agent that crashes is started again by the open window within 10 s", async () => {
      const before = running;
      const opened = await window();
      await crash(before);
      running = await until("another agent", () => agents().find((id) => id !== before), AGAIN_MS);
      await oneItem(running);
      assert.deepEqual([windows(), agents()], [[opened], [running]]);
    });
    await test("however often it is opened, there is one window and one agent", async () => {
      const opened = await window();
      const item = TrayItem.of(running);
      item.choose(t("tray.open"));
      const codes = await Promise.all([...Array(STARTS)].map(() => secondStart()));
      assert.deepEqual(codes, Array(STARTS).fill(0));
      assert.deepEqual([windows(), agents()], [[opened], [running]]);
      assert.equal((await app.driver.handles()).length, 1);
    });
    await test("closing the window leaves only the agent within two seconds", async () => {
      closeWindow();
      await onlyAgentLeft(GONE_MS);
      assert.deepEqual(agents(), [running]);
    });
    await test("Open chosen several times at once opens one window", async () => {
      const item = TrayItem.of(running);
      for (let i = 0; i < STARTS; i += 1) item.choose(t("tray.open"));
      await app.join();
      await sleep(2_000);
      assert.deepEqual([windows().length, agents()], [1, [running]]);
    });
    await test("the page of a window whose web process crashed is loaded again", async () => {
      const opened = await window();
      const pages = webProcesses();
      await app.driver.end();
      for (const id of pages) process.kill(id, "SIGKILL");
      await until("another page", () => webProcesses().some((id) => !pages.includes(id)), 30_000);
      await app.join();
      assert.deepEqual([windows(), agents()], [[opened], [running]]);
    });
    await test("Quit in the tray ends the window first, then the agent", async () => {
      await app.quit();
      assert.deepEqual(TrayItem.all(), []);
    });
  } finally {
    await app.end();
  }
}
