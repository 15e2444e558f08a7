/**
 * A desktop without a tray: the app says so and is fully usable; when a tray comes, it takes its place there. Without one, practice
 * ends with its window, because nobody could open it again; the agent goes on, notifies, and ends by Quit in the settings.
 */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { closeWindow, log } from "../lib/desktop_access.mjs";
import { until } from "../lib/driver.mjs";
import { toPasteToken, tokenTaken } from "../lib/guide.mjs";
import { lostToken } from "../lib/connection_without_token.mjs";
import { t } from "../lib/messages.mjs";
import { notifications, press, worse } from "../lib/notifications.mjs";
import { agent, agents, onlyAgentLeft } from "../lib/processes.mjs";
import { endService, startTrayHost } from "../lib/services.mjs";
import { TrayItem } from "../lib/tray_item.mjs";

export const desktop = { DESKTOP_TRAY: "none" };

export default async function (test) {
  let app = await App.start(["--practice"]);
  let host;
  try {
    await test("the window says that there is no tray", () => app.says(t("code.tray_missing.title")));
    await test("the guide works without one", async () => {
      await app.byKeyboard("button", t("ui.first.practice"));
      await app.step("before");
      await toPasteToken(app);
      await tokenTaken(app);
    });
    await test("the app takes its place when a tray appears", async () => {
      host = await startTrayHost();
      await until("a tray item", () => log("tray.jsonl").some((line) => line.event === "registered"), 20_000);
      await until("its menu", () => TrayItem.all()[0].menu().length > 0);
    });
    await app.end();
    await endService(host);
    await test("without a tray, closing practice's window ends it", async () => {
      app = await App.start(["--practice"]);
      await app.says(t("code.tray_missing.title"));
      closeWindow();
      await app.ended();
    });
    await app.end();
    app = await App.start();
    const running = await agent();
    await test("the window of real connections says so too, and that the app goes on without it", async () => {
      await app.says(t("code.tray_missing.title"), 30_000);
      await app.says(t("code.tray_missing.meaning"));
    });
    await test("closing it leaves the agent, which still notifies", async () => {
      closeWindow();
      await onlyAgentLeft();
      assert.deepEqual(agents(), [running]);
    });
    await app.end();
    await test("an agent without a tray notifies, and a click opens the window", async () => {
      const name = await lostToken();
      const notice = await until("the notification", () => notifications()[0], 60_000);
      assert.match(notice.summary, worse(name, "keychain_entry_gone", false).summary);
      press(notice);
      app = await App.joined();
    });
    await test("the agent takes its place when a tray appears, and the window no longer says that there is none", async () => {
      host = await startTrayHost();
      const item = await app.tray();
      await until("its menu", () => item.menu().some((entry) => entry.label === t("tray.quit")));
      await until("the warning to go", async () => !(await app.text()).includes(t("code.tray_missing.title")), 20_000);
      await endService(host);
      await app.says(t("code.tray_missing.title"), 20_000);
    });
    await test("Quit in the settings ends window and agent", async () => {
      await app.press("button", t("ui.title.settings"));
      await app.press("button", t("ui.start.quit")).catch((error) => {
        // The driver's answer may be lost with the window.
        if (!/session|connection|fetch failed/i.test(String(error))) throw error;
      });
      await app.ended();
    });
  } finally {
    host?.kill();
    await app.end();
  }
}
