/** A damaged database: said truly in window and tray, nothing of it is lost, and a fresh start works without a restart. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { App } from "../lib/app_window.mjs";
import { DATABASE, kept, plant } from "../lib/desktop_access.mjs";
import { until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";
import { TrayItem } from "../lib/tray_item.mjs";

const GARBAGE = Buffer.from("these are not the bytes of a database\n".repeat(300));

export default async function (test) {
  plant("connector.db", GARBAGE);
  const app = await App.start();
  const tray = (text) => until(`the tray to say "${text}"`, () => TrayItem.all()[0]?.property("ToolTip").includes(text));
  try {
    await test("the window and the tray say that the database is damaged", async () => {
      assert.equal(await app.heading(), t("code.store_corrupt.title"));
      await app.says(t("code.store_corrupt.meaning"));
      await tray(t("code.store_corrupt.title"));
    });
    await test("trying again finds it as it is and changes nothing", async () => {
      await app.byKeyboard("button", t("ui.start.retry"));
      await until("the answer", async () => (await app.told()).some((line) => line.includes("retry_start") && line.includes("store_corrupt")));
      assert.equal(await app.heading(), t("code.store_corrupt.title"));
      assert.deepEqual(readFileSync(DATABASE), GARBAGE);
    });
    await test("setting it aside is explained first, and Cancel leaves it", async () => {
      await app.byKeyboard("button", t("ui.start.aside"));
      await app.says(t("ui.start.asideKept"));
      await app.byKeyboard("button", t("ui.cancel"));
      await until("the question to close", async () => !(await app.sees("dialog", t("ui.start.asideTitle"))));
      assert.deepEqual(readFileSync(DATABASE), GARBAGE);
    });
    await test("set aside, its bytes stand under the new name and the first screen opens", async () => {
      await app.byKeyboard("button", t("ui.start.aside"));
      await app.says(t("ui.start.asideKept"));
      await app.byKeyboard("button", t("ui.start.aside"));
      await until("the first screen", () => app.sees("button", t("ui.first.connect")));
      const [aside, ...more] = kept("connector.db.set-aside-");
      assert.deepEqual(more, []);
      assert.deepEqual(readFileSync(aside), GARBAGE);
      await tray(t("tray.no_connection"));
    });
    await test("the new database keeps what is done", async () => {
      await app.byKeyboard("button", t("ui.first.connect"));
      await app.step("before");
      await app.tick(t("ui.before.serviceAccount"));
      assert.equal((await app.invoke("connections"))[0].setup.confirmed.length, 1);
    });
  } finally {
    await app.end();
  }
}
