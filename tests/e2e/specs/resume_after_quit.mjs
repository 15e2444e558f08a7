/** Quit at every step of a real guide: the same step, the ticks and what was chosen are there again. */
import assert from "node:assert/strict";

import { App, STEPS } from "../lib/app_window.mjs";
import { goOn } from "../lib/guide.mjs";
import { t } from "../lib/messages.mjs";

export default async function (test) {
  let app = await App.start();
  const again = async () => {
    await app.quit();
    app = await App.start();
  };
  try {
    await test("what was ticked and chosen on step 1 is there after a quit", async () => {
      await app.byKeyboard("button", t("ui.first.connect"));
      await app.step("before");
      await app.tick(t("ui.before.serviceAccount"));
      await app.tabTo("radio", t("profile.response"), { back: true });
      await app.driver.press("ArrowDown");
      await app.says(t("ui.before.serviceAccount.ingestion"));
      await again();
      await app.step("before");
      assert.deepEqual(await ticked(app), ["profile-ingestion", "has-service-account"]);
    });
    await test("the step one went on to is there after a quit", async () => {
      await app.tick(t("ui.before.radiantAdmin"));
      await goOn(app);
      await app.step("domain");
      await again();
      await app.step("domain");
    });
    const { id } = (await app.invoke("connections"))[0].connection;
    for (const step of STEPS) {
      await test(`after a quit at ${step} the guide opens there`, async () => {
        await app.invoke("go_to_step", { id, step });
        await again();
        await app.step(step);
        assert.equal((await app.invoke("connections")).length, 1);
      });
    }
  } finally {
    await app.end();
  }
}

const ticked = (app) => app.driver.run(() => [...document.querySelectorAll("input:checked")].map((one) => one.id));
