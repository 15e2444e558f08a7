/** The practice controls: Okta goes down, the checks run at once and say so, it comes back, and they pass again. */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { until } from "../lib/driver.mjs";
import { goOn, toPasteToken, tokenTaken } from "../lib/guide.mjs";
import { t } from "../lib/messages.mjs";

export default async function (test) {
  const app = await App.start(["--practice"]);
  /** Opens the controls, finds the trouble that is set there, and goes one entry on or back. */
  const control = async (now, key) => {
    await app.byKeyboard("button", t("ui.practice.controls"));
    await until("the controls", () => app.sees("radio", t("ui.scenario.none")));
    await app.tabTo("radio", t(`ui.scenario.${now}`));
    await app.driver.press(key);
  };
  const close = async () => {
    await app.driver.press("Escape");
    await until("the controls to close", async () => !(await app.sees("radio", t("ui.scenario.none"))));
  };
  try {
    await test("without a trouble every check passes", async () => {
      await app.byKeyboard("button", t("ui.first.practice"));
      await app.step("before");
      await toPasteToken(app);
      await tokenTaken(app);
      await app.says(t("ui.checks.passedToo", { n: 12 }));
    });
    await test("with Okta down the checks say what it means, and the guide does not go on", async () => {
      await control("none", "ArrowDown");
      await app.says(t("ui.practice.scenarioSet"));
      await close();
      await app.says(t("code.okta_unavailable.title"));
      await app.says(t("code.okta_unavailable.meaning"));
      await goOn(app);
      await app.says(t("ui.missing.token_not_accepted"));
    });
    await test("the controls still say which trouble is set, and take it back", async () => {
      await control("okta_down", "ArrowUp");
      await until("no trouble", async () => !(await app.text()).includes(t("ui.practice.scenarioSet")));
      await close();
    });
    await test("with Okta back every check passes again", async () => {
      await app.says(t("ui.checks.passedToo", { n: 12 }));
      assert.ok(!(await app.text()).includes(t("code.okta_unavailable.title")));
      await goOn(app);
      await app.step("credential");
    });
  } finally {
    await app.end();
  }
}
