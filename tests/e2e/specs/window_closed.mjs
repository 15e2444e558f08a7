/**
 * Closing the window ends its process within two seconds, web view and all, and leaves the agent, the same as before. A process
 * that holds something stays without a web view until that is over: here a copied text. Practice lives in memory and stays.
 */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { closeWindow } from "../lib/desktop_access.mjs";
import { sleep, until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";
import { agent, agents, onlyAgentLeft, parentOf, processes, secondStart, window, windows } from "../lib/processes.mjs";
import { TrayItem } from "../lib/tray_item.mjs";

/** How soon nothing of the window may be left. */
const GONE_MS = 2_000;
/** Long enough for a process that would end to have ended. */
const STAYS_MS = 4_000;
const noPage = () => until("the page to end", () => processes("WebKitWebProcess").length === 0);

export default async function (test) {
  let app = await App.start();
  try {
    const running = await agent();
    await until("the agent's tray item", () => TrayItem.of(running), 20_000);
    await test("closing the window leaves only the agent within two seconds", async () => {
      closeWindow();
      await onlyAgentLeft(GONE_MS);
      assert.deepEqual(agents(), [running]);
    });
    await test("its tray item is there, with its menu, and it belongs to nobody's session", () => {
      assert.ok(TrayItem.of(running).menu().some((entry) => entry.label === t("tray.open")));
      assert.notEqual(parentOf(running), process.pid);
    });
    await app.driver.end();
    app = await App.start();
    await test("a window whose copied text is on the clipboard stays without a web view", async () => {
      await until("the agent to be joined", async () => (await app.invoke("app_info")).tray, 20_000);
      const before = await window();
      await app.invoke("copy_place", { place: "data" });
      closeWindow();
      await noPage();
      await sleep(STAYS_MS);
      assert.deepEqual(windows(), [before]);
    });
    await test("opened meanwhile, the same process has a new web view", async () => {
      const before = await window();
      assert.equal(await secondStart(), 0);
      await app.driver.turnToNewest();
      await app.ready();
      assert.deepEqual(windows(), [before]);
    });
    await test("once the clipboard is cleared, closing ends the process", async () => {
      await app.invoke("clear_clipboard");
      closeWindow();
      await onlyAgentLeft(GONE_MS);
      assert.deepEqual(agents(), [running]);
    });
  } finally {
    await app.end();
  }
  const practice = await App.start(["--practice"]);
  try {
    await test("practice has no agent and stays in its tray when its window is closed", async () => {
      const process = await window();
      await until("its tray item", () => TrayItem.of(process), 20_000);
      closeWindow();
      await noPage();
      await sleep(STAYS_MS);
      assert.deepEqual([windows(), agents()], [[process], []]);
    });
    await test("its tray opens the window again, and quits", async () => {
      (await practice.tray()).choose(t("tray.open"));
      await practice.driver.turnToNewest();
      await practice.ready();
      await practice.quit();
    });
  } finally {
    await practice.end();
  }
}
