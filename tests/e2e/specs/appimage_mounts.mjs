/**
 * An AppImage mounts its files and takes them away when its first program ends. Agent and window each have a mount of their own, so
 * that the agent goes on and can open a window through the AppImage again.
 */
import assert from "node:assert/strict";
import { readlinkSync, rmSync } from "node:fs";
import { dirname } from "node:path";

import { App } from "../lib/app_window.mjs";
import { closeWindow } from "../lib/desktop_access.mjs";
import { sleep, until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";
import { agent, agents, onlyAgentLeft, window } from "../lib/processes.mjs";
import { appImage } from "../lib/program_copies.mjs";
import { TrayItem } from "../lib/tray_item.mjs";

const mountOf = (id) => dirname(readlinkSync(`/proc/${id}/exe`));

export default async function (test) {
  const app = await App.start([], { file: appImage() });
  try {
    const [running, first] = [await agent(), mountOf(await window())];
    await until("the tray", () => TrayItem.of(running), 20_000);
    /** Closes the window and takes its files away. */
    const close = async () => {
      const mount = mountOf(await window());
      closeWindow();
      await onlyAgentLeft();
      rmSync(mount, { recursive: true });
    };
    await test("the window starts the agent through the AppImage, so that it has its own mount", () => {
      assert.notEqual(mountOf(running), first);
    });
    await test("the agent goes on when the files of the first start are gone", async () => {
      await close();
      await sleep(2_000);
      assert.deepEqual(agents(), [running]);
    });
    for (const time of ["a window", "another one after that"]) {
      await test(`Open in the tray starts ${time}, in a new mount`, async () => {
        TrayItem.of(running).choose(t("tray.open"));
        await app.join();
        assert.ok(![first, mountOf(running)].includes(mountOf(await window())));
        assert.deepEqual(agents(), [running]);
        await close();
      });
    }
    await test("Quit ends the agent", () => app.quit());
  } finally {
    await app.end();
  }
}
