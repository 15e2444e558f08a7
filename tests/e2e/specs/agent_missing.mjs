/**
 * The agent's program is missing beside the window's program: the window says so, and its process does the agent's work, also
 * with its window closed, until the program is there again and an agent takes over.
 */
import assert from "node:assert/strict";

import { App, APP_NAME } from "../lib/app_window.mjs";
import { closeWindow } from "../lib/desktop_access.mjs";
import { sleep, until } from "../lib/driver.mjs";
import { addLostToken, blockNetwork } from "../lib/connection_without_token.mjs";
import { t } from "../lib/messages.mjs";
import { notifications, worse } from "../lib/notifications.mjs";
import { agent, AGENT_NAME, agents, onlyAgentLeft, processes, window, windows } from "../lib/processes.mjs";
import { ProgramCopies } from "../lib/program_copies.mjs";
import { TrayItem } from "../lib/tray_item.mjs";

const SOON_MS = 10_000;
/** An agent is tried again every ten seconds. */
const TAKEN_OVER_MS = 20_000;
/** Long enough for a process that would end to have ended. */
const STAYS_MS = 4_000;

export default async function (test) {
  blockNetwork();
  const programs = new ProgramCopies(APP_NAME);
  const app = await App.start([], { file: programs.file(APP_NAME) });
  const own = await window();
  const oneItem = (owner) => until("one tray item", () => TrayItem.all().length === 1 && TrayItem.of(owner), SOON_MS);
  try {
    await test("within ten seconds the window says so, and its process has the tray item", async () => {
      await app.says(t("code.agent_not_started.title"), SOON_MS);
      await app.says(t("code.agent_not_started.meaning"));
      await oneItem(own);
      assert.deepEqual(agents(), []);
    });
    await test("closing the window leaves this process without a web view", async () => {
      closeWindow();
      await until("the page to end", () => processes("WebKitWebProcess").length === 0);
      await sleep(STAYS_MS);
      assert.deepEqual([windows(), agents()], [[own], []]);
    });
    await test("it monitors and notifies", async () => {
      const name = addLostToken();
      // A change of the settings makes it look for what is due.
      const item = await oneItem(own);
      item.choose(t("tray.pause_notices"));
      await until("the pause", () => item.menu().some((entry) => entry.label === t("tray.resume_notices")));
      item.choose(t("tray.resume_notices"));
      const { summary } = worse(name, "keychain_entry_gone", false);
      await until("the notification", () => notifications().find((one) => summary.test(one.summary)), 60_000);
    });
    await test("Open in its tray item shows the window again, in the same process", async () => {
      (await oneItem(own)).choose(t("tray.open"));
      await app.driver.turnToNewest();
      await app.ready();
      assert.deepEqual(windows(), [own]);
    });
    await test("when the program is there again, an agent takes over and the warning goes", async () => {
      programs.install(AGENT_NAME);
      await oneItem(await agent(TAKEN_OVER_MS));
      await until("the warning to go", async () => !(await app.text()).includes(t("code.agent_not_started.title")), SOON_MS);
      assert.deepEqual(windows(), [own]);
    });
    await test("closing the window then ends its process", async () => {
      closeWindow();
      await onlyAgentLeft();
    });
  } finally {
    await app.end();
  }
}
