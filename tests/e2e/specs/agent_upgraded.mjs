/**
 * An upgrade replaces the agent's file: with no window open the agent becomes the program at its path, in the same process. A file
 * that does not start is not taken, and while a window is open nothing is, not even beside one that does not respond.
 */
import assert from "node:assert/strict";
import { statSync } from "node:fs";

import { App, APP_NAME } from "../lib/app_window.mjs";
import { closeWindow } from "../lib/desktop_access.mjs";
import { sleep, until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";
import { AGENT_NAME, agent, agents, onlyAgentLeft, secondStart, window, windows } from "../lib/processes.mjs";
import { fileOf, ProgramCopies } from "../lib/program_copies.mjs";
import { TrayItem } from "../lib/tray_item.mjs";

export const minutes = 8;
/** The agent looks every 60 s, and waits ten for what its program prints. */
const LOOKED_MS = 75_000;

export default async function (test) {
  const programs = new ProgramCopies(APP_NAME, AGENT_NAME);
  const app = await App.start([], { file: programs.file(APP_NAME) });
  try {
    const running = await agent();
    const before = fileOf(running);
    const there = () => statSync(programs.file(AGENT_NAME)).ino;
    await until("the tray", () => TrayItem.of(running), 20_000);
    const isAsBefore = () => assert.deepEqual([agents(), fileOf(running)], [[running], before]);
    await test("while a window is open, the agent stays as it is", async () => {
      assert.equal(before, there());
      programs.install(AGENT_NAME);
      assert.notEqual(before, there());
      await sleep(LOOKED_MS);
      isAsBefore();
    });
    await test("beside a window whose process is stopped, it stays as well", async () => {
      const opened = await window();
      process.kill(opened, "SIGSTOP");
      await sleep(LOOKED_MS);
      process.kill(opened, "SIGCONT");
      isAsBefore();
    });
    await test("a file that does not start is not taken", async () => {
      programs.installPart(AGENT_NAME);
      closeWindow();
      await onlyAgentLeft();
      await sleep(LOOKED_MS);
      isAsBefore();
      assert.ok(TrayItem.of(running));
    });
    await test("a new program is taken, in the same process, with one tray item", async () => {
      programs.install(AGENT_NAME);
      await until("the new program", () => fileOf(running) === there(), LOOKED_MS);
      await until("one tray item", () => TrayItem.all().length === 1 && TrayItem.of(running));
      assert.deepEqual(agents(), [running]);
    });
    await test("it is still the only agent, and opens the window", async () => {
      assert.equal(await secondStart("--hidden"), 0);
      assert.deepEqual([agents(), windows()], [[running], []]);
      TrayItem.of(running).choose(t("tray.open"));
      await app.join();
      assert.deepEqual(agents(), [running]);
    });
  } finally {
    await app.end();
  }
}
