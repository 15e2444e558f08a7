/**
 * Monitoring in the real app: face, tooltip and menu of the tray follow the status through every fault and back, and the desktop's
 * notification service receives exactly the notices promised, word by word: one for each worsening, one for each recovery.
 */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { unmapWindow } from "../lib/desktop_access.mjs";
import { until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";
import { monitoredConnection } from "../lib/monitored_connection.mjs";
import { notifications, recovered, worse } from "../lib/notifications.mjs";
import { TrayItem } from "../lib/tray_item.mjs";

/** Every fault with the state it becomes and the code that is told. */
const FAULTS = [
  ["token_revoked", "stopped", ["token_refused"]],
  ["right_lost", "stopped", ["logs_refused"]],
  // Not right after the revoked token: the same code again within half an hour is one fault and is told once.
  ["owner_deactivated", "stopped", ["token_refused", "owner_not_active"]],
  ["okta_down", "attention", ["okta_unavailable"]],
  ["token_restricted", "attention", ["token_restricted"]],
  ["rate_limited", "attention", ["okta_rate_limited"]],
  ["radiant_not_polling", "attention", ["radiant_lagging"]],
  ["radiant_down", "attention", ["radiant_unavailable"]],
];
const SETTINGS = { heartbeat_s: 5, freshness_s: 5, full_s: 600, allowed_lag_s: 20, rate_share: 50, notices: true };
/** A fault is told after three looks at most, Radiant's silence after the allowed lag. */
const TOLD_MS = 90_000;

export default async function (test) {
  const app = await App.start(["--practice"]);
  const tray = () => TrayItem.all()[0];
  const shows = (face) => until(`the face ${face}`, () => tray().face === face, 20_000).catch((error) => assert.fail(`${error.message}; it is ${tray().face}`));
  /** What has to have been told by now, in this order and nothing else. */
  const told = [];
  const exactly = () => {
    const said = notifications();
    assert.equal(said.length, told.length, said.slice(told.length).map((one) => one.summary).join(" | "));
    told.forEach(({ summary, body }, i) => {
      assert.match(said[i].summary, summary);
      assert.match(said[i].body, body);
    });
  };
  const tells = async (...more) => {
    told.push(...more);
    await until(`notification ${told.length}`, () => notifications().length >= told.length, 30_000);
    exactly();
  };
  try {
    const id = await monitoredConnection(app, SETTINGS);
    const view = () => app.invoke("connection", { id });
    const status = async () => (await view()).status;
    const becomes = (state) => until(`the status ${state}`, async () => (await status()).state === state, TOLD_MS);
    const name = (await view()).connection.name;
    /** Waits for so many looks from now on: what was not told by then is not told at all. */
    const looks = async (count) => {
      for (let i = 0; i < count; i++) {
        const { last, offline_since } = (await view()).monitor;
        const looked = (now) => now.last !== last || now.offline_since !== offline_since;
        await until("another look", async () => looked((await view()).monitor), 30_000);
      }
    };
    await test("a finished connection is looked at by itself and becomes well", async () => {
      await becomes("ok");
      await until("the tray to say so", () => tray().property("ToolTip").includes(t("state.receiving")) || tray().property("ToolTip").includes(t("state.okta_ready")));
      await shows("ok");
      exactly();
    });
    await test("settings that are open follow the tray, and what is changed there undoes nothing", async () => {
      const resumes = () => app.sees("button", t("tray.resume_notices"));
      await app.press("button", t("ui.title.settings"));
      await until("the settings", () => app.sees("button", t("ui.notices.hour")));
      tray().choose(t("tray.pause_notices"));
      await until("the page to offer to resume", resumes);
      await app.byKeyboard("checkbox", t("ui.reminders.on"));
      const kept = await until("the change to be kept", async () => {
        const now = await app.invoke("monitor_settings");
        return now.reminders.on === false && now;
      });
      assert.ok(kept.quiet_until, "the pause stands");
      assert.equal(kept.heartbeat_s, SETTINGS.heartbeat_s);
      tray().choose(t("tray.resume_notices"));
      await until("the page to offer a pause", async () => !(await resumes()));
      // The window in front would be notice enough.
      unmapWindow();
    });
    for (const [trouble, state, codes] of FAULTS) {
      await test(`${trouble}: face, tooltip, menu and one notice, and one on recovery`, async () => {
        const began = Date.now();
        await app.invoke("practice_fault", { fault: trouble });
        await becomes(state);
        const seconds = Math.round((Date.now() - began) / 1000);
        const { problem } = await status();
        assert.ok(codes.includes(problem.code), problem.code);
        const title = plain(t(`code.${problem.code}.title`, problem.args));
        await until("the tooltip", () => plain(tray().property("ToolTip")).includes(title));
        assert.ok(tray().menu().some((entry) => plain(entry.label).includes(title)), JSON.stringify(tray().menu()));
        await shows(state);
        await tells(worse(name, problem.code));
        await app.invoke("practice_fault", { fault: null });
        await becomes("ok");
        await tells(recovered(name, problem.code));
        await shows("ok");
        console.log(`note ${trouble}: ${problem.code} after ${seconds} s: ${title}`);
      });
    }
    await test("a captive portal is no alarm", async () => {
      await app.invoke("practice_fault", { fault: "captive_portal" });
      await becomes("working");
      assert.equal((await status()).problem.code, "captive_portal");
      await shows("working");
      await app.invoke("practice_fault", { fault: null });
      await becomes("ok");
      await shows("ok");
      await looks(1);
      exactly();
    });
    await test("paused notices are not shown, and told when they are shown again", async () => {
      tray().choose(t("tray.pause_notices"));
      await until("the menu to offer to resume", () => tray().menu().some((entry) => entry.label === t("tray.resume_notices")));
      await app.invoke("practice_fault", { fault: "token_revoked" });
      await becomes("stopped");
      await looks(2);
      exactly();
      tray().choose(t("tray.resume_notices"));
      await tells(worse(name, "token_refused"));
    });
    await test("a pause of the checks shows as stopped, and keeping nothing as nothing that wants anybody", async () => {
      await app.invoke("pause_checks", { id, pause: true });
      await becomes("paused");
      await shows("stopped");
      await app.invoke("finish_setup", { id, keep: "nothing", launchAtLogin: false });
      await becomes("unwatched");
      await shows("ok");
      await until("the tooltip", () => tray().property("ToolTip").includes(t("state.unwatched")));
    });
    await test("nothing else was shown", () => {
      for (const notice of notifications()) console.log(`note notice: ${notice.summary}`);
      exactly();
      assert.equal(told.length, FAULTS.length * 2 + 1);
    });
  } finally {
    await app.end();
  }
}

/** Without marks of emphasis and with one kind of quotation mark, as it crosses the bus. */
const plain = (text) => text.replaceAll("**", "").replaceAll("\\", "").replaceAll("_", "").replace(/[\u2019']/g, "'").replace(/\s+/g, " ");
