/** Monitoring and replacing the token as a screen reader is told of them: list, connection, history, settings, every step. */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { mute, named, SPOKEN, spoken, tree } from "../lib/atspi.mjs";
import { until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";
import { monitoredConnection } from "../lib/monitored_connection.mjs";

export const desktop = SPOKEN;
const SETTINGS = { heartbeat_s: 5, freshness_s: 5, full_s: 600, allowed_lag_s: 60, notices: true };
const TOKEN = "Radiant Security API Token";

/** The tree, once it holds this and nothing in it that can be pressed is without a name. */
async function told(what, holds) {
  const objects = await until(what, () => {
    const now = tree();
    return holds(now) && now;
  }, 30_000);
  assert.deepEqual(mute(objects), [], what);
  return objects;
}

const headed = (title) => (objects) => objects.some((one) => one.role === "heading" && one.level === 1 && one.name.includes(title));

/** A step of replacing the token: told as the heading, and as the one step that is current. The tree follows the page piece by piece. */
function step(name) {
  const title = t(`ui.rotation.step.${name}`);
  const current = (objects) => objects.filter((one) => one.current === "step").map((one) => one.name);
  return told(`${title}, as heading and as the only current step`, (objects) => headed(title)(objects) && current(objects).length === 1 && current(objects)[0].includes(title));
}

export default async function (test) {
  const app = await App.start(["--practice"]);
  try {
    const id = await monitoredConnection(app, SETTINGS);
    await test("the list says each connection's state in words", async () => {
      await until("a look that found all well", async () => (await app.invoke("connection", { id })).status.arrival_verified, 60_000);
      await app.press("button", t("ui.title.overview"));
      const objects = await told("the list", headed(t("ui.title.overview")));
      await until("the state", () => spoken(tree()).includes(t("state.receiving")));
      assert.ok(named(objects, "push button", t("ui.card.details")) ?? named(objects, "button", t("ui.card.details")));
    });
    await test("a connection's page tells its history as a table as well", async () => {
      await app.press("button", t("ui.card.details"));
      await app.press("button", t("ui.connection.tab.history"));
      await told("the history", (objects) => objects.some((one) => one.role === "heading" && one.name.includes(t("ui.history.title"))));
      await app.press("button", t("ui.history.table"));
      const objects = await told("the table", (now) => now.some((one) => one.role === "table"));
      assert.ok(objects.some((one) => /column header/.test(one.role)), [...new Set(objects.map((one) => one.role))].join(", "));
    });
    await test("the settings of watching are fields with names", async () => {
      await app.press("button", t("ui.title.settings"));
      const objects = await told("the settings", headed(t("ui.title.settings")));
      assert.ok(objects.filter((one) => one.role === "combo box").length >= 4, objects.map((one) => one.role).join(", "));
    });
    await test("each step of replacing the token is told, and that it is the current one", async () => {
      await app.press("button", t("ui.title.overview"));
      await app.press("button", t("ui.card.details"));
      await app.press("button", t("ui.rotation.open"));
      await step("create");
      await app.press("button", t("ui.guide.continue"));
      await step("paste");
      await app.press("button", t("ui.rotation.paste.practiceTake"));
      await until("the checks of the new token", async () => (await app.invoke("connection", { id })).rotation.report !== null, 60_000);
      await app.press("button", t("ui.guide.continue"));
      await step("update");
      await app.tick(t("ui.rotation.update.done"));
      await app.press("button", t("ui.guide.continue"));
      await step("watch");
      await app.press("button", t("ui.guide.continue"));
      await step("revoke");
    });
    await test("the question before revoking is a dialog that names the old token", async () => {
      await app.press("button", t("ui.rotation.revoke.do"));
      const title = t("ui.rotation.revoke.title", { name: TOKEN });
      const objects = await told("the dialog", (now) => now.some((one) => one.role === "dialog" && one.name.includes(title)));
      assert.ok(spoken(objects).includes(t("ui.rotation.revoke.undo")));
    });
  } finally {
    await app.end();
  }
}
