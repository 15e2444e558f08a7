/** A desktop without a tray: the app says so and is fully usable; when a tray comes, it takes its place there. */
import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { App, t } from "../lib/app.mjs";
import { closeWindow, PRIVATE_DESKTOP, log, TrayItem } from "../lib/desktop.mjs";
import { until } from "../lib/driver.mjs";
import { toPasteToken, tokenTaken } from "../lib/guide.mjs";

export const desktop = { DESKTOP_TRAY: "none" };
const HOST = fileURLToPath(new URL("../../desktop/tray_host.py", import.meta.url));

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
      host = spawn("/usr/bin/python3", [HOST], { stdio: ["ignore", openSync(`${PRIVATE_DESKTOP}/tray.jsonl`, "w"), "inherit"] });
      await until("a tray item", () => log("tray.jsonl").some((line) => line.event === "registered"), 20_000);
      await until("its menu", () => TrayItem.all()[0].menu().length > 0);
    });
    await app.end();
    host.kill();
    await test("without a tray, closing the window ends the app", async () => {
      await until("the tray to be gone", () => !host.connected && host.signalCode !== null);
      app = await App.start(["--practice"]);
      await app.says(t("code.tray_missing.title"));
      closeWindow();
      await app.ended();
    });
  } finally {
    host?.kill();
    await app.end();
  }
}
