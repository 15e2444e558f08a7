/** Two practice runs and a real one side by side: a tray item for each, and each menu's Quit ends only its own. */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";
import { agent, agents, killApp, window, windows } from "../lib/processes.mjs";
import { TrayItem } from "../lib/tray_item.mjs";

export default async function (test) {
  const apps = [await App.start()];
  /** Starts a practice run and returns its process. */
  const practice = async () => {
    const before = windows();
    apps.push(await App.start(["--practice"]));
    return windows().find((id) => !before.includes(id));
  };
  const owners = () => TrayItem.all().map((item) => item.owner).sort();
  const items = (...expected) => until("the tray items", () => String(owners()) === String(expected.sort()), 20_000);
  const isMarked = (id) => TrayItem.of(id).property("ToolTip").includes(t("practice.word"));
  /** Chooses Quit in a process' menu and waits until it has ended. */
  const quit = async (id) => {
    TrayItem.of(id).chooseLast(t("tray.quit"));
    await until("its end", () => ![...windows(), ...agents()].includes(id));
  };
  try {
    const [running, opened] = [await agent(), await window()];
    const [first, second] = [await practice(), await practice()];
    await test("there are three tray items, and two of them are marked", async () => {
      await items(running, first, second);
      await until("the marks", () => String([running, first, second].map(isMarked)) === "false,true,true");
    });
    await test("Quit of a practice run ends that run alone", async () => {
      await quit(first);
      await items(running, second);
      assert.deepEqual([windows().sort(), agents()], [[opened, second].sort(), [running]]);
    });
    await test("Quit of the real one ends its agent and its window alone", async () => {
      await quit(running);
      await items(second);
      assert.deepEqual([windows(), agents()], [[second], []]);
    });
    await test("Quit of the last one ends it", async () => {
      await quit(second);
      await until("no tray item", () => TrayItem.all().length === 0);
    });
  } finally {
    for (const app of apps) await app.driver.end();
    await apps[0].ended(killApp);
  }
}
