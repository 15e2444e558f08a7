/**
 * The relay of a practice connection with the webhook of practice itself: one button enters the address and the token, the relay is
 * switched on by keyboard and delivers the past day, and a test event is found again by the practice Radiant's search.
 */
import { App } from "../lib/app_window.mjs";
import { until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";
import { monitoredConnection } from "../lib/monitored_connection.mjs";

export const minutes = 6;
const SETTINGS = { heartbeat_s: 5, freshness_s: 5, full_s: 600, allowed_lag_s: 900, rate_share: 50, notices: true };
/** Okta's log is read every 30 s. */
const READ_MS = 90_000;

export default async function (test) {
  const app = await App.start(["--practice"]);
  const fact = (key) => app.driver.run((name) => [...document.querySelectorAll("#panel-relay dt")].find((one) => one.textContent === name)?.nextElementSibling.textContent ?? "", t(key));
  try {
    await test("one button enters the practice webhook and its token", async () => {
      await monitoredConnection(app, SETTINGS);
      await app.openTab("relay");
      await app.says(t("ui.relay.switchOnNeeds"));
      await app.byKeyboard("button", t("ui.relay.practiceUse"));
      await app.says(t("ui.relay.tokenStored"));
      await app.choose(t("ui.relay.since"), t("ui.relay.since.days.one", { n: 1 }));
      await app.byKeyboard("button", t("ui.relay.save"));
      await app.says(t("ui.saved"));
    });
    await test("the relay delivers the past day to it", async () => {
      await app.byKeyboard("button", t("ui.relay.switchOn"));
      await app.says(t("ui.relay.ask.title"));
      await app.byKeyboard("radio", t("ui.relay.ask.no"));
      await app.byKeyboard("button", t("ui.relay.switchOn"));
      await app.says(t("ui.relay.phase.caught_up.text"), READ_MS);
      await until("the delivered events on the screen", async () => Number((await fact("ui.relay.fact.delivered")).replace(",", "")) >= 400, READ_MS);
    });
    await test("a test event is accepted and found again", async () => {
      await app.byKeyboard("button", t("ui.relay.test.send"));
      // It is searched for again until Radiant has indexed it.
      await until("the test event in Radiant", async () => {
        await app.byKeyboard("button", t("ui.relay.test.find"));
        await app.says(t("ui.relay.test.accepted", { status: 200 }));
        return (await app.text()).includes(t("ui.relay.test.found"));
      }, READ_MS);
    });
  } finally {
    await app.end();
  }
}
