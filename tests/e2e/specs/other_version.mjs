/** Agent and window of different versions: a window is never ended for an upgrade, and an older agent is asked to end once. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { connect } from "node:net";

import { App } from "../lib/app_window.mjs";
import { log } from "../lib/desktop_access.mjs";
import { sleep, until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";
import { agent, agents, window, windows } from "../lib/processes.mjs";
import { startOtherAgent } from "../lib/services.mjs";

const NEWER = "9.9.9";
const OLDER = "0.0.1";
/** Long enough for what would be asked again to be asked again. */
const LONG_MS = 12_000;

const hellos = () => log("other_agent.jsonl").filter((line) => line.event === "hello").length;
const count = (message) => log("other_agent.jsonl").filter((line) => line.message === message).length;
/** How often the agent was asked to end for another one. Asked to quit, an agent would end the window as well. */
const replacements = () => (count("quit") === 0 ? count("replace") : NaN);

/** Asks the running agent to end for another one, as a newer window does. */
function askToReplace() {
  const folders = `${process.env.XDG_RUNTIME_DIR}/okta-connector-for-radiant`;
  const peer = connect(`${folders}/${readdirSync(folders)[0]}/agent.sock`);
  for (const message of [{ hello: { version: NEWER, schema: 1, pid: process.pid } }, "replace"]) {
    const content = Buffer.from(JSON.stringify(message));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(content.length);
    peer.write(Buffer.concat([length, content]));
  }
  return peer;
}

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
      assert.deepEqual([windows(), agents(), replacements(), hellos()], [[opened], [], 0, 1]);
    });
    await app?.end();
    other.kill();
    await test("an older agent is asked to end, and the window starts its own", async () => {
      other = await startOtherAgent(OLDER);
      app = await App.start();
      await agent(30_000);
      assert.deepEqual([other.exitCode, replacements()], [0, 1]);
      await until("the agent to be connected", async () => (await app.invoke("app_info")).tray, 20_000);
      assert.ok(!(await app.text()).includes(t("ui.notice.startAgain.title")));
    });
    await test("a real agent that is asked for that ends alone, and the window stays", async () => {
      const [opened, before] = [await window(), await agent()];
      const peer = askToReplace();
      await until("another agent", () => agents().length === 1 && agents()[0] !== before, 20_000);
      peer.destroy();
      assert.deepEqual(windows(), [opened]);
    });
    await app.end();
    await test("an older agent that stays is asked once, and used", async () => {
      other = await startOtherAgent(OLDER, "--stays");
      app = await App.start();
      await until("a second connection", () => hellos() === 2, 30_000);
      await sleep(LONG_MS);
      assert.deepEqual([replacements(), hellos(), windows().length, agents()], [1, 2, 1, []]);
    });
  } finally {
    other?.kill();
    await app?.end();
  }
}
