/**
 * A window's process that is stopped: the next start and *Open* in the tray say which process it is, nobody waits for it, and it no
 * longer counts as a window in front, which would get no notifications.
 */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { closeWindow } from "../lib/desktop_access.mjs";
import { sleep, until } from "../lib/driver.mjs";
import { addLostToken, blockNetwork } from "../lib/connection_without_token.mjs";
import { t } from "../lib/messages.mjs";
import { notifications, worse } from "../lib/notifications.mjs";
import { agent, agents, processes, secondStart, window, windows } from "../lib/processes.mjs";
import { TrayItem } from "../lib/tray_item.mjs";

const ENDS_MS = 10_000;
/** The agent takes no notice of a window that was silent for 20 s. */
const SILENT_MS = 25_000;

export default async function (test) {
  blockNetwork();
  const app = await App.start();
  try {
    const [running, opened] = [await agent(), await window()];
    const item = await until("the tray", () => TrayItem.of(running), 20_000);
    const saidOfWindow = () => notifications().filter(({ summary }) => summary === t("code.window_not_responding.title"));
    const notified = (count) => until("the notification", () => saidOfWindow().length === count && saidOfWindow().at(-1), ENDS_MS);
    const namesProcess = ({ body }) => assert.ok(body.startsWith(t("code.window_not_responding.meaning", { pid: opened })), body);
    await until("the agent to be connected", async () => (await app.invoke("app_info")).tray, 20_000);
    // This text keeps the process when its window is closed.
    await app.invoke("copy_place", { place: "data" });
    await test("starting the app again fails within ten seconds and notifies which process does not respond", async () => {
      process.kill(opened, "SIGSTOP");
      const began = Date.now();
      assert.notEqual(await secondStart(), 0);
      assert.ok(Date.now() - began < ENDS_MS, `it took ${Date.now() - began} ms`);
      namesProcess(await notified(1));
    });
    await test("Open in the tray says the same and starts no second window", async () => {
      item.choose(t("tray.open"));
      namesProcess(await notified(2));
      assert.deepEqual([windows(), agents()], [[opened], [running]]);
    });
    await test("what the agent notices is notified, although this window was in front", async () => {
      await sleep(SILENT_MS);
      const name = addLostToken();
      // A change of the settings makes it look for what is due.
      item.choose(t("tray.pause_notices"));
      await until("the pause", () => item.menu().some((entry) => entry.label === t("tray.resume_notices")));
      item.choose(t("tray.resume_notices"));
      const { summary } = worse(name, "keychain_entry_gone", false);
      await until("the notification", () => notifications().find((one) => summary.test(one.summary)), 60_000);
    });
    await test("when it goes on, Open shows its window", async () => {
      process.kill(opened, "SIGCONT");
      closeWindow();
      await until("the page to end", () => processes("WebKitWebProcess").length === 0);
      item.choose(t("tray.open"));
      await app.driver.turnToNewest();
      await app.ready();
      assert.deepEqual([windows(), agents(), saidOfWindow().length], [[opened], [running], 2]);
    });
  } finally {
    await app.end();
  }
}
