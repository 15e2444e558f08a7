/** A pause of notifications that ends while no probe is due: the tray menu offers to pause again on time. */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";
import { monitoredConnection } from "../lib/monitored_connection.mjs";
import { TrayItem } from "../lib/tray_item.mjs";

/** No look is due for an hour, so that none can draw the tray anew. */
const SETTINGS = { heartbeat_s: 3600, freshness_s: 3600, full_s: 86_400, allowed_lag_s: 60, notices: true };
const LONG_MS = 8_000;

export default async function (test) {
  const app = await App.start(["--practice"]);
  const offers = (key) => TrayItem.all()[0]?.menu().some((entry) => entry.label === t(key)) ?? false;
  try {
    await test("the menu offers to resume while notifications are paused, and to pause again once that is over", async () => {
      const id = await monitoredConnection(app, SETTINGS);
      const looks = async () => (await app.invoke("history", { id, span: "day" })).hours.reduce((sum, one) => sum + one.hour.ok, 0);
      await until("the first look", async () => (await looks()) > 0, 60_000);
      const before = await looks();
      await app.invoke("pause_notices", { until: new Date(Date.now() + LONG_MS).toISOString() });
      await until("the menu to offer to resume", () => offers("tray.resume_notices"), LONG_MS);
      await until("the menu to offer to pause", () => offers("tray.pause_notices"), LONG_MS + 20_000);
      assert.ok(!offers("tray.resume_notices"));
      assert.equal(await looks(), before, "no look drew the tray");
    });
  } finally {
    await app.end();
  }
}
