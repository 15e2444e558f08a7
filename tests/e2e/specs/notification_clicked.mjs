/** A notice that is pressed opens the window on the row that is wrong: one that was closed, and one that was left elsewhere. */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { closeWindow, unmapWindow } from "../lib/desktop_access.mjs";
import { until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";
import { monitoredConnection } from "../lib/monitored_connection.mjs";
import { notifications, press, recovered, worse } from "../lib/notifications.mjs";
import { processes } from "../lib/processes.mjs";
import { TrayItem } from "../lib/tray_item.mjs";

const SETTINGS = { heartbeat_s: 5, freshness_s: 5, full_s: 600, allowed_lag_s: 60, rate_share: 50, notices: true };

export default async function (test) {
  const app = await App.start(["--practice"]);
  const told = (count) => until(`notification ${count}`, () => notifications().length >= count && notifications()[count - 1], 60_000);
  /** The row of a check has the focus, on the page of its connection. */
  const landed = (name, check) =>
    until(`the row ${check}`, async () => (await app.heading()) === name && (await app.focus()).id === `check-${check}`).catch(async (error) =>
      assert.fail(`${error.message}; the page is "${await app.heading()}", the focus is on "${(await app.focus()).id}"`),
    );
  try {
    const id = await monitoredConnection(app, SETTINGS);
    const state = async () => (await app.invoke("connection", { id })).status.state;
    const name = (await app.invoke("connection", { id })).connection.name;
    await until("all to be well", async () => (await state()) === "ok", 60_000);
    await test("in a window that is made anew because it was closed", async () => {
      // Held back until the window is closed: in front of everybody it would not be shown.
      await app.invoke("pause_notices", { until: new Date(Date.now() + 3_600_000).toISOString() });
      await app.invoke("practice_fault", { fault: "right_lost" });
      await until("the fault", async () => (await state()) === "stopped", 60_000);
      closeWindow();
      await until("the page to end", () => processes("WebKitWebProcess").length === 0);
      assert.equal(notifications().length, 0);
      TrayItem.all()[0].choose(t("tray.resume_notices"));
      const notice = await told(1);
      assert.match(notice.summary, worse(name, "logs_refused").summary);
      assert.ok(notice.actions.includes("default"), notice.actions.join());
      assert.equal(processes("WebKitWebProcess").length, 0, "before it is pressed no window opens");
      press(notice);
      await app.driver.turnToNewest();
      await landed(name, "system_log");
    });
    await test("in a window that was left on another page", async () => {
      await app.press("button", t("ui.title.settings"));
      await until("the settings", async () => (await app.heading()) === t("ui.title.settings"));
      unmapWindow();
      await app.invoke("practice_fault", { fault: null });
      assert.match((await told(2)).summary, recovered(name, "logs_refused").summary);
      await app.invoke("practice_fault", { fault: "token_revoked" });
      const notice = await told(3);
      assert.match(notice.summary, worse(name, "token_refused").summary);
      assert.equal(await app.heading(), t("ui.title.settings"), "before it is pressed nothing moves");
      press(notice);
      await landed(name, "token");
    });
    await test("and no other notification came", () => assert.equal(notifications().length, 3));
  } finally {
    await app.end();
  }
}
