/**
 * A response action by keyboard in the real window against the practice organization: lock down a user, read back, find the event,
 * undo it from the audit. The seconds from the open screen to the verified result are printed.
 */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";
import { monitoredConnection } from "../lib/monitored_connection.mjs";

/** An active user of every practice organization. */
const LOGIN = "mira.holt@practice.example";
const filled = (key, args) => Object.entries(args).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), t(key));

export default async function (test) {
  const app = await App.start(["--practice"]);
  /** Runs the preview that is shown: gives a reason and presses the button that says the effect. */
  const run = async (button) => {
    await app.tabTo("field", t("ui.actions.reason"));
    await app.driver.type("Practice of an incident");
    await app.byKeyboard("button", button);
    await app.says(t("ui.actions.another"), 60_000);
  };
  const audit = async (id) => (await app.invoke("action_audit", { query: { connection: id, filter: {}, before: null, limit: 10 } })).entries;
  let id;
  try {
    await test("the actions of a connection are reached by keyboard", async () => {
      id = await monitoredConnection(app, {});
      await app.openTab("actions");
      await app.says(t("ui.actions.choose"));
    });
    await test("a user is locked down, sessions are ended, and both are verified", async () => {
      const start = Date.now();
      await app.tabTo("field", t("ui.actions.target.user"));
      await app.driver.type(LOGIN);
      await app.driver.press("Enter");
      await until("the preview", () => app.sees("button", filled("ui.actions.do.lock_down", { target: LOGIN })), 30_000);
      await run(filled("ui.actions.do.lock_down", { target: LOGIN }));
      await app.says(t("action.outcome.done"));
      console.log(`note actions: from the open screen to locked, sessions ended, verified: ${((Date.now() - start) / 1000).toFixed(1)} s`);
      const [entry] = await audit(id);
      assert.equal(entry.closing.outcome, "done");
      assert.equal(entry.closing.after.status, "suspended");
      assert.deepEqual(entry.closing.parts.map((part) => [part.part, part.outcome]), [["suspend", "done"], ["end_sessions", "done"]]);
    });
    await test("the audit is intact and offers the undo, which is verified too", async () => {
      await app.byKeyboard("button", t("ui.actions.openAudit"));
      await app.byKeyboard("button", t("ui.actions.audit.verify"));
      await app.says(t("action.chain.intact"));
      await app.byKeyboard("button", filled("ui.actions.undoOf", { action: t("ui.actions.undoDo"), target: LOGIN }));
      await until("the preview of the undo", () => app.sees("button", filled("ui.actions.do.lift_lockdown", { target: LOGIN })), 30_000);
      await run(filled("ui.actions.do.lift_lockdown", { target: LOGIN }));
      const [undo, done] = await audit(id);
      assert.equal(undo.closing.outcome, "done");
      assert.equal(undo.closing.after.status, "active");
      assert.equal(undo.opening.undo_of, done.number);
      assert.equal(done.undone_by, undo.number);
    });
  } finally {
    await app.end();
  }
}
