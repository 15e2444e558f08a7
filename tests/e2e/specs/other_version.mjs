/** Agent and window of different versions: a window is never ended for an upgrade, and an older agent is asked to end once. */
import assert from "node:assert/strict";

import { App, t } from "../lib/app.mjs";
import { log } from "../lib/desktop.mjs";
import { sleep, until } from "../lib/driver.mjs";
import { agent, agents, window, windows } from "../lib/processes.mjs";
import { startOtherAgent } from "../lib/services.mjs";

const NEWER = "9.9.9";
const OLDER = "0.0.1";
/** Long enough for what would be asked again to be asked again. */
const LONG_MS = 12_000;

const hellos = () => log("other_agent.jsonl").filter((line) => line.event === "hello").length;
const quits = () => log("other_agent.jsonl").filter((line) => line.message === "quit").length;

export default async function (test) {
  let app;
  let other;
  try {
    await test("with a newer agent the window says to open it again, and is not ended", async () => {
      other = await startOtherAgent(NEWER);
      app = await App.start();
      await app.says(t("ui.notice.startAgain.title"), 20_000);
      const opened = await window();
      await sleep(LONG_MS);
      await app.says(t("ui.notice.startAgain"));
      assert.deepEqual([windows(), agents(), quits(), hellos()], [[opened], [], 0, 1]);
    });
    await app?.end();
    other.kill();
    await test("an older agent is asked to end, and the window starts its own", async () => {
      other = await startOtherAgent(OLDER);
      app = await App.start();
      await agent(30_000);
      assert.deepEqual([other.exitCode, quits()], [0, 1]);
      await until("the agent to be connected", async () => (await app.invoke("app_info")).tray, 20_000);
      assert.ok(!(await app.text()).includes(t("ui.notice.startAgain.title")));
    });
    await app.end();
    await test("an older agent that stays is asked once, and used", async () => {
      other = await startOtherAgent(OLDER, "--stays");
      app = await App.start();
      await until("a second connection", () => hellos() === 2, 30_000);
      await sleep(LONG_MS);
      assert.deepEqual([quits(), hellos(), windows().length, agents()], [1, 2, 1, []]);
    });
  } finally {
    other?.kill();
    await app?.end();
  }
}
