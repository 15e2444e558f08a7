/** An agent that is stopped while a window is open: the window says so and can be quit, and the agent goes on where it was. */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";
import { agent, agents, window, windows } from "../lib/processes.mjs";
import { TrayItem } from "../lib/tray_item.mjs";

/** An agent that says nothing for ten seconds does not respond. */
const SAID_MS = 20_000;
/** The window gives the agent three seconds. */
const QUIT_MS = 10_000;

export default async function (test) {
  let app = await App.start();
  const running = await agent();
  const connected = () => until("the agent to be connected", async () => (await app.invoke("app_info")).tray, 20_000);
  await connected();
  const windowEnds = () => until("the window's process to end", () => windows().length === 0, QUIT_MS);
  /** Walks to Quit in the settings: a click could miss it while sections above it still load. */
  const walkToQuit = async () => {
    await app.press("button", t("ui.title.settings"));
    await app.says(t("ui.launch.title"));
    await app.tabTo("button", t("ui.start.quit"));
  };
  /** Presses what has the focus; the driver's answer may be lost with the window, whose end is awaited next. */
  const press = () => app.driver.press("Enter").catch(() => undefined);
  try {
    await test("the window says which process does not respond, and shows a tray item of its own", async () => {
      process.kill(running, "SIGSTOP");
      await app.says(t("code.agent_not_responding.title"), SAID_MS);
      await app.says(t("code.agent_not_responding.meaning", { pid: running }));
      await until("its tray item", async () => TrayItem.of(await window()));
    });
    await test("Quit in the settings ends the window's process and leaves the agent alone", async () => {
      await walkToQuit();
      await press();
      await windowEnds();
      assert.deepEqual(agents(), [running]);
      await app.driver.end();
    });
    await test("when the agent goes on, a new window connects to it and says nothing of it", async () => {
      process.kill(running, "SIGCONT");
      app = await App.start();
      await connected();
      assert.ok(!(await app.text()).includes(t("code.agent_not_responding.title")));
      assert.deepEqual(agents(), [running]);
      assert.deepEqual(TrayItem.all().map((item) => item.owner), [running]);
    });
    await test("Quit ends the window's process also before it is known that the agent does not respond", async () => {
      await walkToQuit();
      process.kill(running, "SIGSTOP");
      await press();
      await windowEnds();
    });
    await test("when the agent goes on, it quits as well", async () => {
      process.kill(running, "SIGCONT");
      await until("the agent to end", () => agents().length === 0);
    });
  } finally {
    await app.end();
  }
}
