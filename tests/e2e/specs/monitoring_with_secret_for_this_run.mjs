/**
 * A secret kept for this run lives in the window's process alone: that process monitors, its web view closed or not, and nobody
 * says meanwhile that the secret is gone. When the process is killed, the agent takes over and says so.
 */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { closeWindow } from "../lib/desktop_access.mjs";
import { sleep, until } from "../lib/driver.mjs";
import { entries, REAL_SERVICE } from "../lib/keychain.mjs";
import { t } from "../lib/messages.mjs";
import { notifications } from "../lib/notifications.mjs";
import { agent, agents, crash, processes, window, windows } from "../lib/processes.mjs";
import { INTERVAL_MS, RealOrg, statuses } from "../lib/real_org.mjs";
import { TrayItem } from "../lib/tray_item.mjs";

export const minutes = 9;
/** What would be false while the window's process has the secret, and is true when it is gone. */
const GONE = ["token_missing", "keychain_entry_gone", "kept_for_this_run_only"];
const FALSE = ["token_missing", "keychain_entry_gone"];
const INTERVALS = 3;

export default async function (test) {
  const org = await RealOrg.start();
  const app = await App.start();
  let [running, opened] = [0, 0];
  const code = () => statuses()[0].problem?.code;
  /** The titles of these codes that the agent's tray shows. */
  const shown = (codes) => codes.filter((one) => TrayItem.of(running).property("ToolTip").includes(t(`code.${one}.title`).replace(/\.$/, "")));
  const logs = (since) => org.since(since).filter((one) => one.path.startsWith("/api/v1/logs"));
  try {
    await test("the window's process keeps the secret and monitors with it", async () => {
      [running, opened] = [await agent(), await window()];
      await until("the tray", () => TrayItem.of(running), 20_000);
      await org.connection(app, { thisRunOnly: true });
      assert.deepEqual(entries(REAL_SERVICE), []);
      await until("a probe", () => logs(0).length > 0, 60_000);
    });
    await test("with its web view closed it stays, and for three intervals nothing false is said", async () => {
      closeWindow();
      await until("the page to end", () => processes("WebKitWebProcess").length === 0);
      const began = Date.now();
      while (Date.now() < began + INTERVALS * INTERVAL_MS + 20_000) {
        assert.deepEqual([windows(), agents()], [[opened], [running]]);
        assert.ok(!FALSE.includes(code()), `the store says ${code()}`);
        assert.deepEqual(shown(FALSE), []);
        await sleep(2_000);
      }
      const passes = new Set(logs(began).map((one) => Math.floor((one.at - began) / INTERVAL_MS)));
      assert.ok(passes.size >= INTERVALS, `probed in ${passes.size} of ${INTERVALS} intervals`);
      assert.ok(!statuses()[0].stale);
    });
    await test("opened again, it is the same process, which still has the secret", async () => {
      TrayItem.of(running).choose(t("tray.open"));
      await app.driver.turnToNewest();
      await app.ready();
      assert.deepEqual(windows(), [opened]);
      assert.ok(!FALSE.includes(code()));
    });
    await test("when that process is killed, the agent takes over within an interval and says that the secret is gone", async () => {
      await crash(opened);
      await until("the status", () => GONE.includes(code()), 2 * INTERVAL_MS);
      await until("the tray", () => shown(GONE).length > 0, 20_000);
      await until("a notification", () => notifications().some(({ summary }) => GONE.some((one) => summary.includes(t(`code.${one}.title`)))), 20_000);
      assert.deepEqual([windows(), agents()], [[], [running]]);
    });
  } finally {
    await app.end();
    org.end();
  }
}
