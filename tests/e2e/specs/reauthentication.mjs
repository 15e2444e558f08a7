/**
 * Who sits there, in the real window: the system asks before the API token is copied. In polkit's place a stand-in on the desktop's
 * own bus; the app believes it to be the system's bus, as it would on a computer that has one.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { App } from "../lib/app_window.mjs";
import { PRIVATE_DESKTOP } from "../lib/desktop_access.mjs";
import { until } from "../lib/driver.mjs";
import { goOn, toPasteToken, tokenTaken } from "../lib/guide.mjs";
import { t } from "../lib/messages.mjs";

const AUTHORITY = fileURLToPath(new URL("../../polkit/authority.py", import.meta.url));
const ANSWER = `${PRIVATE_DESKTOP}/polkit-answer`;
const CALLS = `${PRIVATE_DESKTOP}/polkit.jsonl`;
const says = (word) => writeFileSync(ANSWER, word);
const calls = () => readFileSync(CALLS, "utf8").split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
const asked = () => calls().filter((call) => call.asks).length;

export default async function (test) {
  says("allowed");
  const authority = spawn("/bin/sh", ["-c", `exec /usr/bin/python3 "$0" "$1" "$2" > "$3"`, AUTHORITY, process.env.DBUS_SESSION_BUS_ADDRESS, ANSWER, CALLS]);
  process.env.DBUS_SYSTEM_BUS_ADDRESS = process.env.DBUS_SESSION_BUS_ADDRESS;
  await until("polkit's stand-in", () => readFileSync(CALLS, "utf8").includes("ready"));
  const app = await App.start(["--practice"]);
  try {
    let id;
    const copied = () => app.invoke("clipboard_holds_secret", { id });
    const copy = () => app.byKeyboard("button", t("ui.copy.token"));
    await test("the guide comes to where the token is copied", async () => {
      await app.byKeyboard("button", t("ui.first.practice"));
      await app.step("before");
      await toPasteToken(app);
      await tokenTaken(app);
      await goOn(app);
      await app.step("credential");
      id = (await app.invoke("connections"))[0].connection.id;
      assert.equal(await copied(), false);
    });
    for (const [word, code] of [
      ["refused", "reauthentication_failed"],
      ["dismissed", "reauthentication_dismissed"],
      ["no_agent", "reauthentication_no_agent"],
    ]) {
      await test(`${word}: the token is not copied, and the window says why`, async () => {
        says(word);
        const before = asked();
        await copy();
        await app.says(t(`code.${code}.title`));
        assert.equal(asked(), before + 1);
        assert.equal(await copied(), false);
      });
    }
    await test("a question that stays open can be taken back, and its window is closed", async () => {
      says("slow");
      await copy();
      await app.says(t("ui.reauthentication.waiting"));
      assert.equal(await copied(), false);
      await app.byKeyboard("button", t("ui.cancel"));
      await until("the question to be taken back", () => calls().some((call) => call.call === "cancel" && call.found));
      await until("the window to wait no longer", async () => !(await app.text()).includes(t("ui.reauthentication.waiting")));
      assert.equal(await copied(), false);
    });
    await test("confirmed, the token is on the clipboard and the seconds count", async () => {
      says("allowed");
      const before = asked();
      await copy();
      await until("the token on the clipboard", copied);
      assert.equal(asked(), before + 1);
      await until("the countdown", () => app.sees("button", t("ui.clipboard.clearNow")));
      await app.byKeyboard("button", t("ui.clipboard.clearNow"));
      await app.says(t("ui.clipboard.cleared"));
      assert.equal(await copied(), false);
    });
    await test("switching the question off is asked about as well; refused, it stays on", async () => {
      says("refused");
      await app.press("button", t("ui.title.settings"));
      await app.says(t("ui.settings.reauthentication.label"));
      await app.press("checkbox", t("ui.settings.reauthentication.label"));
      await app.says(t("code.reauthentication_failed.title"));
      assert.equal((await app.invoke("reauthentication_setting")).on, true);
      assert.ok(calls().some((call) => call.asks && call.action.endsWith("stop-asking")));
    });
    await test("confirmed, it is off and nobody is asked before the next copy", async () => {
      says("allowed");
      await app.press("checkbox", t("ui.settings.reauthentication.label"));
      await until("the question to be off", async () => (await app.invoke("reauthentication_setting")).on === false);
      const before = asked();
      await app.invoke("copy_value", { id, what: "api_token" });
      assert.equal(await copied(), true);
      assert.equal(asked(), before);
      await app.invoke("clear_clipboard");
    });
  } finally {
    await app.end();
    authority.kill();
  }
}
