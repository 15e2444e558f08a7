/**
 * The relay of a practice connection in the real window: switched on by keyboard, it sends the events of the past day; while the
 * webhook refuses, the status asks for attention and events wait; when it accepts again, every event of Okta's log has arrived
 * exactly once and in order. The webhook is that of a second practice organization, whose control tells what arrived.
 */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { until } from "../lib/driver.mjs";
import { PRACTICE_SERVICE, secrets } from "../lib/keychain.mjs";
import { t } from "../lib/messages.mjs";
import { monitoredConnection } from "../lib/monitored_connection.mjs";
import { PracticeOrg } from "../lib/practice_org.mjs";

/** A refused delivery is repeated after growing waits. */
export const minutes = 10;
const SETTINGS = { heartbeat_s: 5, freshness_s: 5, full_s: 600, allowed_lag_s: 900, rate_share: 50, notices: true };
/** A response of the webhook takes this long at first, so that the delivery can be watched: the page asks every 5 s. */
const SLOW_MS = 12_000;
/** Okta's log is read every 30 s; the waits of a refused delivery are 30 s, 60 s and so on. */
const READ_MS = 90_000;
const RECOVERED_MS = 240_000;

export default async function (test) {
  const radiant = await PracticeOrg.start("--backfill", "0");
  const app = await App.start(["--practice"]);
  const seconds = (since) => ((Date.now() - since) / 1000).toFixed(1);
  const record = () => radiant.control("/webhook");
  /** A value among the facts of the relay's page. */
  const fact = (key) => app.driver.run((name) => [...document.querySelectorAll("#panel-relay dt")].find((one) => one.textContent === name)?.nextElementSibling.textContent ?? "", t(key));
  const tray = () => app.tray();
  const faceBecomes = (face) =>
    until(`the face ${face}`, async () => {
      const shown = (await tray()).face;
      if (shown !== face) throw new Error(`it is ${shown}, and the status ${JSON.stringify((await view()).status)}`);
      return true;
    }, READ_MS);
  let id;
  const view = () => app.invoke("connection", { id });
  const relay = () => app.invoke("relay", { id });
  /** The uuids of Okta's log since the time from which the relay reads, in the order of its pages. */
  const logged = async () => {
    const token = secrets(PRACTICE_SERVICE).find((one) => one.startsWith("00"));
    const { since } = (await relay()).settings;
    const answer = await fetch(`${(await view()).okta_url}/api/v1/logs?since=${since}&limit=1000`, { headers: { authorization: `SSWS ${token}` } });
    assert.equal(answer.status, 200);
    const events = await answer.json();
    assert.ok(events.length < 1000, "the log does not fit in one page");
    return events.map((event) => event.uuid);
  };
  /** Waits until everything that is logged now has arrived, then compares what arrived with the log. */
  const arrivedOnce = async () => {
    const now = await logged();
    await until("everything to arrive", async () => {
      const there = new Set(await radiant.control("/webhook_uuids"));
      return now.every((uuid) => there.has(uuid));
    }, READ_MS);
    const [arrived, seen] = [await radiant.control("/webhook_uuids"), await record()];
    assert.deepEqual(arrived, (await logged()).slice(0, arrived.length));
    assert.equal(new Set(arrived).size, arrived.length);
    assert.deepEqual([seen.repeated, seen.without_uuid, seen.without_key, seen.key_conflicts], [0, 0, 0, 0]);
    return seen;
  };
  try {
    await test("the tab takes the webhook's address and its token by keyboard", async () => {
      id = await monitoredConnection(app, SETTINGS);
      await faceBecomes("ok");
      await app.openTab("relay");
      await app.says(t("ui.relay.switchOnNeeds"));
      await app.tabTo("field", t("ui.relay.url"));
      await app.driver.type(radiant.card.radiant.events_webhook);
      await app.choose(t("ui.relay.since"), t("ui.relay.since.days.one", { n: 1 }));
      await app.byKeyboard("button", t("ui.relay.save"));
      await app.says(t("ui.saved"));
      await app.tabTo("field", t("ui.relay.tokenLabel"));
      await app.driver.type(radiant.card.radiant_events_token);
      await app.says(t("ui.paste.shapeGood"));
      // Whatever the page has asked about the text is answered before this.
      await app.invoke("token_shape", { value: "" });
      assert.ok(!(await app.text()).includes(t("code.token_odd_shape.title")), "the webhook's token is compared with Okta's tokens");
      await app.driver.press("Enter");
      await app.says(t("ui.relay.tokenStored"));
    });
    await test("it asks whether Radiant's own connector reads Okta, and only without one it is switched on", async () => {
      await radiant.change({ change: "latency", ms: SLOW_MS });
      await app.byKeyboard("button", t("ui.relay.switchOn"));
      await app.says(t("ui.relay.ask.title"));
      await app.byKeyboard("radio", t("ui.relay.ask.no"));
      await app.driver.press("ArrowDown");
      await app.says(t("ui.relay.ask.yes.text"));
      assert.ok(await app.driver.run(() => document.querySelector("dialog[open] button.primary").disabled), "a second reader does not keep it off");
      await app.driver.press("ArrowUp");
      await app.byKeyboard("button", t("ui.relay.switchOn"));
    });
    await test("it catches up, on the screen and at the webhook", async () => {
      const start = Date.now();
      await until("the events of the past day to wait", async () => /^[1-9]\d\d events/.test(await fact("ui.relay.fact.backlog")), 30_000);
      assert.equal((await record()).events, 0);
      await app.says(t("ui.relay.phase.caught_up.text"), READ_MS);
      await radiant.change({ change: "latency", ms: 0 });
      const seen = await arrivedOnce();
      assert.ok(seen.events >= 400, `${seen.events}`);
      await until("their number on the screen", async () => Number((await fact("ui.relay.fact.delivered")).replace(",", "")) >= 400);
      console.log(`note relay: ${seen.events} events in ${seen.batches} requests, read, delivered and compared after ${seconds(start)} s`);
      await faceBecomes("ok");
    });
    await test("while the webhook refuses, the status asks for attention and the events wait", async () => {
      const start = Date.now();
      await radiant.change({ change: "webhook", rules: { reply: { reply: "refuse", status: 401, retry_after_s: null } } });
      const before = (await record()).events;
      await app.says(t("ui.relay.phase.held_by_radiant.text"), READ_MS);
      await faceBecomes("attention");
      console.log(`note relay: attention ${seconds(start)} s after the webhook began to refuse`);
      const { status, repair } = await view();
      assert.deepEqual([status.state, status.problem.code, status.problem.args.status, repair.action], ["attention", "relay_held", "401", "open_relay"]);
      const refuses = t("code.relay_held.title", { status: 401 });
      await app.says(refuses);
      await until("the tooltip", async () => (await tray()).property("ToolTip").includes(refuses.slice(refuses.indexOf("events webhook"))));
      await until("the backlog on the screen", async () => /^[1-9]\d* events?,/.test(await fact("ui.relay.fact.backlog")));
      assert.equal(await fact("ui.relay.fact.deadLetters"), "0");
      await app.says(t("ui.relay.dead.none"));
      const { state, dead_letters } = await relay();
      assert.ok(state.backlog_events > 0);
      assert.equal(dead_letters, 0);
      const seen = await record();
      assert.ok(seen.refused > 0, "nothing was refused");
      assert.equal(seen.events, before);
    });
    await test("when it accepts again, the status is well and every event has arrived exactly once", async () => {
      const start = Date.now();
      await radiant.change({ change: "webhook", rules: {} });
      await app.says(t("ui.relay.phase.caught_up.text"), RECOVERED_MS);
      await faceBecomes("ok");
      console.log(`note relay: well again ${seconds(start)} s after the webhook accepts`);
      const seen = await arrivedOnce();
      assert.deepEqual([(await view()).status.state, (await relay()).dead_letters], ["ok", 0]);
      console.log(`note relay: ${seen.events} events arrived, each once, ${seen.refused} requests were refused`);
    });
  } finally {
    await app.end();
    radiant.end();
  }
}
