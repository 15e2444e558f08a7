/**
 * A token that Okta no longer accepts is replaced by keyboard: from the one primary button of the connection over the new token and
 * its checks to an event in Radiant that is newer than the new credential. The seconds from the button to that proof are printed.
 */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { until } from "../lib/driver.mjs";
import { checked, goOn } from "../lib/guide.mjs";
import { t } from "../lib/messages.mjs";
import { faceBecomes, INTERVAL_MS, RealOrg } from "../lib/real_org.mjs";

export const minutes = 8;
/** What the first set-up confirmed. */
const CONFIRMED = ["has_service_account", "has_radiant_admin", "token_created", "credential_added", "data_connector_added", "action_connector_added"];

/** The proxy that stands for both addresses was accepted, which stays a condition; either of the two is shown first. */
const BASELINE = ["tls_inspection_accepted", "radiant_tls_inspection_accepted"];

export default async function (test) {
  const org = await RealOrg.start();
  const app = await App.start();
  const { super_admin: old, super_admin_next: next } = org.card.tokens;
  const primary = () => app.driver.run(() => [...document.querySelectorAll("main button.primary")].filter((one) => one.checkVisibility()).map((one) => one.innerText.trim()));
  let id;
  let start;
  const view = () => app.invoke("connection", { id });
  const outcome = (report, check) => JSON.parse(report.slice(report.indexOf("{"))).rows.find((row) => row.check === check).outcome;
  try {
    await test("the events of a monitored connection arrive", async () => {
      id = await org.connection(app);
      for (const what of CONFIRMED) await app.invoke("confirm", { id, what, yes: true });
      await org.acceptProxy(app, id, "radiant_tls");
      const { radiant } = (await view()).connection;
      await app.invoke("set_radiant_search", { id, search: { ...radiant, index: "raw-events", connector_type: "okta_system_log", timestamp_field: "timestamp" } });
      await app.invoke("store_secret", { id, name: "radiant_search_token", value: org.card.radiant_search_token, thisRunOnly: false });
      await org.control("/credential", { token: old });
      await until("arrival", async () => (await view()).status.arrival_verified, 3 * INTERVAL_MS);
      await faceBecomes("attention");
      assert.ok(BASELINE.includes((await view()).status.problem.code));
    });
    await test("when Okta no longer accepts the token, Replace token is the one primary button", async () => {
      await org.change({ change: "revoke", principal: "super_admin" });
      await faceBecomes("stopped");
      await app.openTab("overview");
      await app.says(t("code.token_refused.title"));
      assert.deepEqual(await primary(), [t("ui.repair.replace_token")]);
    });
    await test("it leads to the step of the new token and says what is the case", async () => {
      start = Date.now();
      await app.byKeyboard("button", t("ui.repair.replace_token"));
      await app.step("create_token");
      await app.says(t("ui.replace.stopped"));
      await org.change({ change: "token_made", principal: "super_admin_next" });
      await app.tick(t("ui.create.done"));
      await goOn(app);
      await app.step("paste_token");
    });
    await test("the old token does not count, the new one is pasted and passes the checks", async () => {
      await goOn(app);
      await app.says(t("ui.missing.token"));
      await app.tabTo("field", t("ui.paste.label"));
      await app.driver.type(next);
      await app.says(t("ui.paste.shapeGood"));
      const report = await checked(app, () => app.driver.press("Enter"));
      for (const check of ["token", "system_log", "capabilities"]) assert.equal(outcome(report, check), "passed", check);
    });
    await test("the credential in Radiant is confirmed; the steps of the connectors are passed over", async () => {
      await goOn(app);
      await until("the step of the credential", async () => (await app.heading()).endsWith(t("ui.replace.credential")));
      await app.says(t("ui.replace.credentialLead"));
      await org.control("/credential", { token: next });
      await app.tick(t("ui.rotation.update.done"));
      await goOn(app);
      await app.step("arrival");
    });
    await test("only an event that is newer than the new credential is the proof", async () => {
      const { setup } = await view();
      assert.equal(setup.arrival, null);
      const given = Date.parse(setup.confirmed.find((one) => one.what === "credential_added").at);
      await until("a look that finds nothing new", async () => (await app.told()).some((line) => line.includes('"in_radiant"')), 30_000);
      assert.equal((await view()).setup.arrival, null, "an older event was taken for the proof");
      await org.control("/emit", { count: 3 });
      const found = await until("the first match", async () => (await view()).setup.arrival, 60_000);
      await until("the match on the screen", async () => (await app.text()).includes(found.uuid));
      assert.ok(Date.parse(found.published) > given, `${found.published} is not after ${setup.replacement}`);
      console.log(`note replace_token: from Replace token to a newer event in Radiant: ${((Date.now() - start) / 1000).toFixed(1)} s`);
    });
    await test("Finish ends the replacement, and the status is the one before", async () => {
      await goOn(app);
      await until("the last step", async () => (await app.heading()).endsWith(t("ui.replace.done")));
      await app.byKeyboard("button", t("ui.guide.finish"));
      await app.says(t("ui.finished.connected"));
      await faceBecomes("attention");
      const { setup, status } = await view();
      assert.ok(BASELINE.includes(status.problem.code), status.problem.code);
      assert.deepEqual([setup.replacement ?? null, status.arrival_verified], [null, true]);
    });
  } finally {
    await app.end();
    org.end();
  }
}
