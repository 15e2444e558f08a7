/** The keychain restarts while the app holds it: the next use finds it again, without a new start of the app. */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { checked, toPasteToken, tokenTaken } from "../lib/guide.mjs";
import { keychain, PRACTICE_SERVICE, secrets } from "../lib/keychain.mjs";
import { t } from "../lib/messages.mjs";

export default async function (test) {
  const app = await App.start(["--practice"]);
  try {
    await test("a token is kept and checked", async () => {
      await app.byKeyboard("button", t("ui.first.practice"));
      await app.step("before");
      await toPasteToken(app);
      await tokenTaken(app);
    });
    await test("after the keychain's restart the checks pass as before", async () => {
      keychain("restart");
      const answer = await checked(app, () => app.byKeyboard("button", t("ui.checks.runAgain")));
      assert.ok(!/keychain_(missing|failed|locked)/.test(answer), answer.slice(0, 600));
    });
    await test("quitting practice takes its secrets out of the keychain", async () => {
      assert.equal(secrets(PRACTICE_SERVICE).length, 1);
      await app.quit();
      assert.deepEqual(secrets(PRACTICE_SERVICE), []);
    });
  } finally {
    await app.driver.end();
  }
}
