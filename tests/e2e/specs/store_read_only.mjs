/** A data folder that cannot be written: said truly, and once it can be, Try again goes on where one was, without a restart. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

import { App } from "../lib/app_window.mjs";
import { DATA, DATABASE } from "../lib/desktop_access.mjs";
import { until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";

/** Root may write whatever the permissions say, so the app is started without root's rights to do that. */
const BOUND = process.getuid() === 0 ? ["/usr/bin/setpriv", "--bounding-set", "-dac_override,-dac_read_search"] : [];
const permit = (rights) => execFileSync("chmod", ["-R", rights, DATA]);
const canWrite = () => spawnSync("/usr/bin/env", [...BOUND, "sh", "-c", ": >> \"$0\"", DATABASE]).status === 0;

export default async function (test) {
  let app = await App.start();
  try {
    await test("a guide is begun and the app is quit", async () => {
      await app.byKeyboard("button", t("ui.first.connect"));
      await app.step("before");
      await app.tick(t("ui.before.serviceAccount"));
      await app.quit();
    });
    permit("u-w");
    if (canWrite()) {
      console.log("note store_read_only: permissions bind nobody here (root's rights cannot be taken off), so the rest was not tried");
      return;
    }
    const before = readFileSync(DATABASE);
    app = await App.start([], { under: BOUND });
    await test("the window says that nothing can be kept, and offers no fresh start", async () => {
      assert.equal(await app.heading(), t("code.store_read_only.title"));
      await app.says(t("code.store_read_only.meaning"));
      assert.ok(!(await app.sees("button", t("ui.start.aside"))), "setting aside would not help");
    });
    await test("trying again too early says the same", async () => {
      await app.byKeyboard("button", t("ui.start.retry"));
      await until("the answer", async () => (await app.told()).some((line) => line.includes("retry_start") && line.includes("store_read_only")));
      assert.deepEqual(readFileSync(DATABASE), before);
    });
    await test("with write access Try again opens the guide where it was", async () => {
      permit("u+w");
      await app.byKeyboard("button", t("ui.start.retry"));
      await app.step("before");
      assert.deepEqual(await app.driver.run(() => [...document.querySelectorAll("input[type=checkbox]:checked")].map((one) => one.id)), ["has-service-account"]);
    });
    await test("what is done now is kept", () => app.tick(t("ui.before.radiantAdmin")));
  } finally {
    permit("u+w");
    await app.end();
  }
}
