/** No keychain at all: said truly, "keep for this run only" is offered and explained, and nothing is written to a file. */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { until } from "../lib/driver.mjs";
import { checked, toPasteToken } from "../lib/guide.mjs";
import { PRACTICE_SERVICE, secrets } from "../lib/keychain.mjs";
import { t } from "../lib/messages.mjs";
import { placesOf } from "../lib/secret_search.mjs";

export const desktop = { DESKTOP_KEYRING: "none" };

export default async function (test) {
  const app = await App.start(["--practice"]);
  try {
    await test("step 4 says that there is no keychain and offers this run only", async () => {
      await app.byKeyboard("button", t("ui.first.practice"));
      await app.step("before");
      await toPasteToken(app);
      await app.says(t("code.keychain_missing.title"), 20_000);
      assert.ok(await app.sees("checkbox", t("ui.keychain.runOnly")));
    });
    await test("without that choice the token is not kept", async () => {
      await app.byKeyboard("button", t("ui.practice.take"));
      await app.says(t("code.keychain_missing.meaning"));
    });
    let token = "";
    await test("a token pasted for this run only is checked", async () => {
      await app.byKeyboard("button", t("ui.practice.copy"));
      await app.says(t("ui.copy.done"));
      await app.byKeyboard("checkbox", t("ui.keychain.runOnly"));
      await app.tabTo("field", t("ui.paste.label"));
      await app.driver.press("Control+v");
      token = await until("the pasted value", () => app.driver.run(() => document.getElementById("api-token")?.value));
      await checked(app, () => app.driver.press("Enter"));
      await app.says(t("ui.paste.keptRun"));
    });
    await test("the field is empty and the token stands in no file and no keychain", async () => {
      assert.match(token, /^00/);
      assert.ok(!(await app.driver.run(() => document.documentElement.outerHTML)).includes(token));
      assert.deepEqual(secrets(PRACTICE_SERVICE), []);
      assert.deepEqual(placesOf([token]), []);
    });
  } finally {
    await app.end();
  }
}
