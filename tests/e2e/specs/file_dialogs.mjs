/**
 * Files of the settings, through the system's own dialogs: connections exported and imported again without a secret and without
 * trust, and the diagnostics bundle saved byte for byte as it was shown.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";

import { App } from "../lib/app_window.mjs";
import { PRIVATE_DESKTOP } from "../lib/desktop_access.mjs";
import { answerDialog, saved } from "../lib/file_dialog.mjs";
import { t } from "../lib/messages.mjs";

const EXPORTED = `${PRIVATE_DESKTOP}/exported.json`;
const BUNDLE = `${PRIVATE_DESKTOP}/bundle.json`;
const FOREIGN = `${PRIVATE_DESKTOP}/foreign.json`;

export default async function (test) {
  writeFileSync(FOREIGN, "{\"app\": \"another\"}");
  const app = await App.start();
  try {
    await test("two connections are exported into a file of their owner alone", async () => {
      // By name alone: a domain would be looked up first, and there is no Okta here.
      for (const name of ["acme", "globex"]) {
        const { connection } = await app.invoke("begin_setup");
        await app.invoke("rename_connection", { id: connection.id, name });
      }
      await app.press("button", t("ui.title.settings"));
      await app.says(t("ui.transfer.title"));
      await app.press("button", t("connections.export"));
      await answerDialog(t("connections.export"), EXPORTED);
      await app.says(EXPORTED);
      const document = JSON.parse(await saved(EXPORTED));
      assert.deepEqual(document.connections.map((one) => one.name), ["acme", "globex"]);
      assert.ok(!/token|secret|origin/i.test(JSON.stringify(document)), JSON.stringify(document));
    });
    await test("a file of another program is refused with its own sentence", async () => {
      await app.press("button", t("connections.import"));
      await answerDialog(t("connections.import"), FOREIGN);
      await app.says(t("code.import_foreign.title"));
    });
    await test("what is here already is shown and not made again", async () => {
      await app.press("button", t("connections.import"));
      await answerDialog(t("connections.import"), EXPORTED);
      await app.says(t("ui.transfer.none"));
      await app.press("button", t("ui.close"));
      assert.equal((await app.invoke("connections")).length, 2);
    });
    await test("removed connections come back by the file, each at the Okta domain, and nothing in it is trusted", async () => {
      for (const { connection } of await app.invoke("connections")) await app.invoke("remove_connection", { id: connection.id });
      await app.press("button", t("connections.import"));
      await answerDialog(t("connections.import"), EXPORTED);
      await app.says(t("ui.transfer.confirm"));
      assert.deepEqual(await app.invoke("connections"), []);
      await app.press("button", t("ui.transfer.add.other", { n: 2 }));
      await app.says(t("ui.transfer.done.other", { n: 2 }));
      const made = await app.invoke("connections");
      assert.deepEqual(made.map((one) => [one.connection.name, one.connection.origin, one.connection.radiant.confirmed_host, one.setup.step, one.secrets.length]), [
        ["acme", null, null, "domain", 0],
        ["globex", null, null, "domain", 0],
      ]);
    });
    await test("the diagnostics bundle holds the log, and what is saved is what is shown", async () => {
      await app.press("button", t("ui.diagnostics.open"));
      await app.says(t("ui.diagnostics.exact"));
      // What Rust answered the page with, as it came over the bridge.
      const heard = /^ipc:\/\/localhost\/diagnostics (.*)$/s;
      const shown = (await app.told()).map((line) => heard.exec(line)?.[1]).filter(Boolean).map((answer) => JSON.parse(answer)).at(-1);
      await app.press("button", t("ui.diagnostics.save"));
      await answerDialog(t("diagnostics.save"), BUNDLE);
      await app.says(BUNDLE);
      const text = await saved(BUNDLE);
      const bundle = JSON.parse(text);
      assert.ok(bundle.log.some((line) => line.includes("\"started\"")), JSON.stringify(bundle.log));
      assert.match(bundle.web_view, /^\d+\.\d+/);
      assert.equal(text, shown, "byte for byte");
      const drawn = await app.driver.run(() => [...document.querySelectorAll(".drawn .line")].map((line) => line.textContent.replace(/^\s*\d+/, "")));
      const lines = text.split("\n");
      assert.ok(drawn.length > 10, `${drawn.length} lines are drawn`);
      drawn.forEach((line, i) => assert.equal(line, lines[i], `line ${i + 1}`));
    });
  } finally {
    await app.end();
  }
}
