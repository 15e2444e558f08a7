/** The session bus ends and another one is started at its address: the agent lives, and finds tray and notifications again. */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { sleep, until } from "../lib/driver.mjs";
import { addLostToken, lostToken } from "../lib/connection_without_token.mjs";
import { t } from "../lib/messages.mjs";
import { notifications, worse } from "../lib/notifications.mjs";
import { agent, agents, killApp } from "../lib/processes.mjs";
import { killSessionBus, startSessionBus } from "../lib/services.mjs";
import { TrayItem } from "../lib/tray_item.mjs";

export default async function (test) {
  // The first start makes the database.
  const first = await App.start();
  await agent();
  await first.quit();
  const name = await lostToken();
  const told = () => until("the notification", () => notifications().find(({ summary }) => worse(name, "keychain_entry_gone", false).summary.test(summary)), 60_000);
  try {
    const running = await agent();
    await test("the agent has its place in the tray and has notified", async () => {
      await until("its item", () => TrayItem.of(running), 20_000);
      await told();
    });
    await test("it outlives the session bus", async () => {
      await killSessionBus();
      await sleep(5_000);
      assert.deepEqual(agents(), [running]);
    });
    await test("on a new bus it takes its place in the tray again, once, with its menu", async () => {
      await startSessionBus();
      const item = await until("its item", () => TrayItem.all().length === 1 && TrayItem.of(running), 60_000);
      await until("its menu", () => item.menu().some((entry) => entry.label === t("tray.quit")));
      assert.ok(item.property("IconPixmap").length > 100);
    });
    await test("and notifies again", async () => {
      // As if never probed: the next probe finds that the token is gone, as the first one did.
      addLostToken();
      // A change of the settings makes it look for what is due.
      const item = TrayItem.of(running);
      item.choose(t("tray.pause_notices"));
      await until("the pause", () => item.menu().some((entry) => entry.label === t("tray.resume_notices")));
      item.choose(t("tray.resume_notices"));
      await told();
    });
    await test("its menu still ends it", async () => {
      TrayItem.of(running).chooseLast(t("tray.quit"));
      await until("its end", () => agents().length === 0);
    });
  } finally {
    killApp();
  }
}
