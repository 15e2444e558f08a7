/** A locked keychain: said truly, without blocking the window; after unlocking, Try again goes on. */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { until } from "../lib/driver.mjs";
import { toPasteToken, tokenTaken } from "../lib/guide.mjs";
import { keychain, PRACTICE_SERVICE, secrets } from "../lib/keychain.mjs";
import { t } from "../lib/messages.mjs";

export const desktop = { DESKTOP_KEYRING: "locked" };

export default async function (test) {
  const app = await App.start(["--practice"]);
  try {
    await test("step 4 says that the keychain is locked", async () => {
      await app.byKeyboard("button", t("ui.first.practice"));
      await app.step("before");
      await toPasteToken(app);
      await app.says(t("code.keychain_locked.title"), 20_000);
    });
    await test("taking a token stores it nowhere and says why", async () => {
      await app.byKeyboard("button", t("ui.practice.take"));
      // The same sentence may stand there from before: the keychain's own answer to this is waited for.
      await until("the refusal", async () => (await app.told()).some((line) => line.includes("/practice_token ") && line.includes("keychain_locked")), 60_000);
      await app.says(t("code.keychain_locked.meaning"));
      assert.ok(await app.sees("field", t("ui.paste.label")));
    });
    await test("once unlocked, the token is kept and the checks run", async () => {
      keychain("unlock");
      await app.byKeyboard("button", t("ui.keychain.again"));
      await app.says(t("ui.keychain.into", { name: "Secret Service" }));
      await tokenTaken(app);
      assert.equal(secrets(PRACTICE_SERVICE).length, 1);
    });
  } finally {
    await app.end();
  }
}
