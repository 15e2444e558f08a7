/** Wrong turns with the token: what it is not is said before anything is sent, what it cannot do after; then it is mended. */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { until } from "../lib/driver.mjs";
import { goOn, toPasteToken, tokenTaken } from "../lib/guide.mjs";
import { PRACTICE_SERVICE, secrets } from "../lib/keychain.mjs";
import { t } from "../lib/messages.mjs";

const NOT_TOKENS = [
  ["the id of a token", "token_is_id", "00T1a2b3C4d5E6f7G8h9"],
  ["a JWT", "token_is_jwt", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"],
];

export default async function (test) {
  const app = await App.start(["--practice"]);
  const sent = async () => (await app.told()).filter((line) => /run_checks/.test(line));
  const outcome = (report, check) => JSON.parse(report.slice(report.indexOf("{"))).rows.find((row) => row.check === check).outcome;
  const another = async (principal, button = "ui.paste.another") => {
    await app.byKeyboard("button", t(button));
    await app.choose(t("ui.practice.account"), t(`practice.${principal}`));
    return tokenTaken(app);
  };
  try {
    await test("the guide asks for both reading and response actions", async () => {
      await app.byKeyboard("button", t("ui.first.practice"));
      await app.step("before");
      assert.equal((await app.invoke("connections"))[0].connection.profile, "response");
      await toPasteToken(app);
    });
    for (const [what, code, text] of NOT_TOKENS) {
      await test(`${what} is named while it stands in the field, and refused`, async () => {
        await app.tabTo("field", t("ui.paste.label"));
        await app.driver.type(text);
        await app.says(t(`code.${code}.title`));
        await app.says(t(`code.${code}.remedy`));
        await app.driver.press("Enter");
        await app.says(t(`code.${code}.meaning`));
        assert.equal(await app.driver.run(() => document.getElementById("api-token").value), "");
        assert.deepEqual(secrets(PRACTICE_SERVICE), []);
        assert.deepEqual(await sent(), []);
      });
    }
    await test("an expired token is refused by Okta, and Continue says that it is needed", async () => {
      await app.choose(t("ui.practice.account"), t("practice.expired"));
      await tokenTaken(app);
      await app.says(t("code.token_refused.title"));
      await goOn(app);
      await app.says(t("ui.missing.token_not_accepted"));
      await until("focus on what is missing", async () => (await app.focus()).name.includes(t("ui.missing.token_not_accepted")));
      await app.step("paste_token");
    });
    await test("a read-only administrator's token reads, and what it may change is not claimed", async () => {
      const report = await another("read_only");
      assert.equal(outcome(report, "system_log"), "passed");
      assert.equal(outcome(report, "capabilities"), "unknown");
      await app.says(t("code.capability_not_told.title"));
      await app.says(t("ui.paste.lacksRole"));
      assert.ok(!(await app.text()).includes(t("ui.missing.token_not_accepted")), "what was mended is still held against the step");
    });
    await test("a super administrator's token passes every check", async () => {
      const report = await another("super_admin", "ui.paste.useAnother");
      assert.equal(outcome(report, "capabilities"), "passed");
      await app.says(t("ui.checks.passedToo", { n: 12 }));
      assert.equal(secrets(PRACTICE_SERVICE).length, 1);
    });
    await test("the guide goes on", async () => {
      await goOn(app);
      await app.step("credential");
    });
  } finally {
    await app.end();
  }
}
