/**
 * The whole guide in the real window against the practice organization, with Tab, Enter, the space bar and typing alone: from
 * the first screen to the connection's page. Then the canary: the token is in a real Secret Service and nowhere else.
 */
import assert from "node:assert/strict";

import { App, STEPS } from "../lib/app_window.mjs";
import { until } from "../lib/driver.mjs";
import { arrivalSeen, done, goOn, toPasteToken, tokenTaken } from "../lib/guide.mjs";
import { PRACTICE_SERVICE, REAL_SERVICE, secrets } from "../lib/keychain.mjs";
import { t } from "../lib/messages.mjs";
import { fileCount, placesOf } from "../lib/secret_search.mjs";

let app;

/** What Rust told the window last, shown when a test fails. */
export const told = async () => (await app.told()).filter((line) => !line.includes("clipboard_news")).slice(-8);

export default async function (test) {
  app = await App.start();
  const tokens = new Set();
  /** What stood on the page at every stop: the token must not be in one of them. */
  const pages = [];
  const look = async () => pages.push(await app.driver.run(() => document.documentElement.outerHTML + [...document.querySelectorAll("input")].map((one) => one.value).join("\n")));
  const next = async (step) => {
    await look();
    await goOn(app);
    await app.step(step);
  };
  try {
    await test("the first screen leads into practice", async () => {
      await app.byKeyboard("button", t("ui.first.practice"));
      await app.step("before");
    });
    await test("the heading has the focus on a new step", async () => {
      await until("focus on the heading", async () => (await app.focus()).kind === "h1");
    });
    await test("Continue says what is missing and leads to it", async () => {
      await goOn(app);
      await app.says(t("ui.missing.service_account"));
      await app.step("before");
    });
    await test("prerequisites, domain and token are walked through", async () => {
      await toPasteToken(app, look);
    });
    await test("the checks run row by row and accept the token", async () => {
      await tokenTaken(app);
      for (const secret of secrets(PRACTICE_SERVICE)) tokens.add(secret);
      assert.ok(tokens.size >= 1, "secret-tool finds nothing under the practice service");
    });
    await test("the real keychain service holds nothing of practice", () => assert.deepEqual(secrets(REAL_SERVICE), []));
    await test("the credential's copy button counts down", async () => {
      await next("credential");
      await app.byKeyboard("button", t("ui.copy.token"));
      await until("the countdown", async () => /\b(30|29|28|27)\b/.test(await app.text()));
    });
    await test("credential, data connector and action connector are confirmed", async () => {
      for (const [step, what] of [["data_connector", "credential"], ["action_connector", "data"], ["arrival", "action"]]) {
        await app.tick(t(done(what)));
        await next(step);
      }
    });
    await test("an Okta event is found in Radiant", async () => {
      await arrivalSeen(app);
      for (const secret of secrets(PRACTICE_SERVICE)) tokens.add(secret);
      await next("done");
    });
    await test("Back loses nothing", async () => {
      for (const step of [...STEPS].reverse().slice(1, 5)) {
        await app.byKeyboard("button", t("ui.guide.back"));
        await app.step(step);
      }
      for (const step of STEPS.slice(5)) await next(step);
    });
    await test("Finish hands over, and leads to the connection and back by keyboard", async () => {
      await look();
      await app.byKeyboard("button", t("ui.guide.finish"));
      await app.says(t("ui.finished.connected"));
      await app.byKeyboard("button", t("ui.finished.open"));
      await app.tabTo("button", t("ui.connection.tab.overview"));
      await app.driver.press("ArrowRight");
      await until("the tab of the checks", async () => (await app.focus()).id === "tab-checks");
      await look();
    });
    await test("the tokens stand in no file, no argument and no environment", () => {
      assert.ok(tokens.size >= 2, `two secrets were stored, ${tokens.size} were found`);
      assert.ok(fileCount() > 20, "the search looked through too little");
      assert.deepEqual(placesOf([...tokens]), []);
    });
    await test("the window was never told a token", async () => {
      await look();
      const told = await app.told();
      assert.ok(told.length > 30, `only ${told.length} answers were heard`);
      assert.ok(told.some((line) => line.startsWith("callback")), "no event was heard");
      for (const token of tokens) {
        assert.ok(!told.some((line) => line.includes(token)), "a command answered with a token");
        assert.ok(!pages.some((page) => page.includes(token)), "a token stood on the page");
      }
    });
    await test("the search would have found it", () => {
      // The counter-proof: the same search, for what certainly is on the desktop.
      assert.notDeepEqual(placesOf(["svc-radiant@practice.example"]), []);
    });
  } finally {
    await app.end();
  }
}
