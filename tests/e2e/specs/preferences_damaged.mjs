/** Damaged preferences: the app opens with its defaults and says so; the old file's bytes stay, and new choices are kept. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { App } from "../lib/app_window.mjs";
import { DATA, kept, plant } from "../lib/desktop_access.mjs";
import { until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";

const HALF = '{"theme": "dark", "langu';

export default async function (test) {
  plant("preferences.json", HALF);
  let app = await App.start();
  try {
    await test("the first screen opens, with a notice of what was set aside", async () => {
      await app.says(t("ui.first.connect"));
      await app.says(t("code.preferences_damaged.title"));
      await app.says(t("code.preferences_damaged.remedy"));
    });
    await test("the damaged file's bytes stand under the new name", () => {
      assert.deepEqual(kept("preferences.json.damaged-").map((file) => readFileSync(file, "utf8")), [HALF]);
    });
    await test("a choice is kept in a new file, and the notice can be put away", async () => {
      await app.byKeyboard("button", t("ui.notice.away"));
      await until("the notice to go", async () => !(await app.text()).includes(t("code.preferences_damaged.title")));
      await app.byKeyboard("button", t("ui.title.settings"));
      await app.tabTo("radio", t("ui.settings.theme.system"));
      await app.driver.press("ArrowDown", "ArrowDown");
      await until("the dark colours", () => app.driver.run(() => document.documentElement.dataset.theme === "dark"));
      await until("the file", () => JSON.parse(readFileSync(`${DATA}/preferences.json`, "utf8")).theme === "dark");
    });
    await test("the next start opens in these colours and has nothing to report", async () => {
      await app.quit();
      app = await App.start();
      await until("the dark colours", () => app.driver.run(() => document.documentElement.dataset.theme === "dark"));
      assert.ok(!(await app.text()).includes(t("code.preferences_damaged.title")));
    });
  } finally {
    await app.end();
  }
}
