/**
 * Monitoring in the real app: face, tooltip and menu of the tray follow the status through every fault and back, and the desktop's
 * notification service receives exactly the notices promised: one for each worsening, one for each recovery.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { App, t } from "../lib/app.mjs";
import { log, TrayItem, unmapWindow } from "../lib/desk.mjs";
import { until } from "../lib/driver.mjs";
import { watched } from "../lib/watched.mjs";

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
  const notices = () => log("notices.jsonl").filter((line) => line.event === "notice");
  const tray = () => TrayItem.all()[0];
  const face = () => createHash("sha256").update(tray().property("IconPixmap")).digest("hex");
  try {
    const id = await watched(app, SETTINGS);
    const status = async () => (await app.invoke("connection", { id })).status;
    const becomes = (state) => until(`the status ${state}`, async () => (await status()).state === state, TOLD_MS);
    let well;
    await test("a finished connection is looked at by itself and becomes well", async () => {
      await becomes("ok");
      await until("the tray to say so", () => tray().property("ToolTip").includes(t("tray.receiving")) || tray().property("ToolTip").includes(t("tray.okta_ready")));
      well = face();
      // The window in front would be notice enough.
      unmapWindow();
      assert.deepEqual(notices(), []);
    });
    for (const [trouble, state, codes] of FAULTS) {
      await test(`${trouble}: face, tooltip, menu and one notice, and one on recovery`, async () => {
        const before = notices().length;
        const began = Date.now();
        await app.invoke("practice_fault", { fault: trouble });
        await becomes(state);
        const seconds = Math.round((Date.now() - began) / 1000);
        const { problem } = await status();
        assert.ok(codes.includes(problem.code), problem.code);
        const title = plain(t(`code.${problem.code}.title`, problem.args));
        await until("the tooltip", () => plain(tray().property("ToolTip")).includes(title));
        assert.ok(tray().menu().some((entry) => plain(entry.label).includes(title)), JSON.stringify(tray().menu()));
        assert.notEqual(face(), well);
        await until("the notice", () => notices().length > before);
        assert.match(notices().at(-1).summary, /PRACTICE/);
        await app.invoke("practice_fault", { fault: null });
        await becomes("ok");
        await until("the notice of recovery", () => notices().length === before + 2);
        await until("the face to be well again", () => face() === well);
        console.log(`note ${trouble}: ${problem.code} after ${seconds} s: ${title}`);
      });
    }
    await test("a captive portal is no alarm", async () => {
      const before = notices().length;
      await app.invoke("practice_fault", { fault: "captive_portal" });
      await becomes("working");
      assert.equal((await status()).problem.code, "captive_portal");
      await app.invoke("practice_fault", { fault: null });
      await becomes("ok");
      assert.equal(notices().length, before);
    });
    await test("paused notices are not shown, and told when they are shown again", async () => {
      const before = notices().length;
      tray().choose(t("tray.pause_notices"));
      await until("the menu to offer to resume", () => tray().menu().some((entry) => entry.label === t("tray.resume_notices")));
      await app.invoke("practice_fault", { fault: "token_revoked" });
      await becomes("stopped");
      await becomes("stopped");
      assert.equal(notices().length, before);
      tray().choose(t("tray.resume_notices"));
      await until("the notice that was held back", () => notices().length === before + 1, 30_000);
    });
    await test("nothing else was shown", () => {
      for (const notice of notices()) console.log(`note notice: ${notice.summary}`);
      assert.equal(notices().length, FAULTS.length * 2 + 1);
    });
  } finally {
    await app.end();
  }
}

/** Without marks of emphasis and with one kind of quotation mark, as it crosses the bus. */
const plain = (text) => text.replaceAll("**", "").replaceAll("\\", "").replaceAll("_", "").replace(/[\u2019']/g, "'").replace(/\s+/g, " ");
