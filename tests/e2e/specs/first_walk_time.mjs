/**
 * How long a first-time user needs from the first screen of practice to the first event found in Radiant: every word of every page
 * at 200 words a minute, and 3 seconds for each press. What the machine needs is not counted.
 */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { arrivalSeen, done, goOn, tokenTaken } from "../lib/guide.mjs";
import { t } from "../lib/messages.mjs";

const WORDS_PER_SECOND = 200 / 60;
const SECONDS_PER_PRESS = 3;
const LIMIT_SECONDS = 5 * 60;

export default async function (test) {
  const app = await App.start(["--practice"]);
  const known = new Set();
  const pages = [];
  let presses = 0;
  /** Counts the words of the lines that no earlier page had. */
  const read = async (page) => {
    const text = await app.driver.run(() => [...document.querySelectorAll("header, main, footer, aside")].map((one) => one.innerText).join("\n"));
    const lines = [...new Set(text.split("\n").map((line) => line.trim()))].filter((line) => line && !known.has(line));
    for (const line of lines) known.add(line);
    pages.push({ page, words: lines.reduce((sum, line) => sum + line.split(/\s+/).length, 0) });
  };
  const pressed = async (work) => {
    presses += 1;
    await work();
  };
  const tick = (key) => pressed(() => app.tick(t(key)));
  const next = async (step) => {
    await pressed(() => goOn(app));
    await app.step(step);
    await read(step);
  };
  try {
    await test("the walk ends with an event found in Radiant", async () => {
      await read("welcome");
      await pressed(() => app.byKeyboard("button", t("ui.first.practice")));
      await app.step("before");
      await read("before");
      await tick("ui.before.serviceAccount");
      await tick("ui.before.radiantAdmin");
      await next("domain");
      await next("create_token");
      await tick("ui.create.done");
      await next("paste_token");
      await pressed(() => tokenTaken(app));
      await read("checks");
      await next("credential");
      for (const [step, confirmed] of [["data_connector", "credential"], ["action_connector", "data"], ["arrival", "action"]]) {
        await tick(done(confirmed));
        await next(step);
      }
      await pressed(() => arrivalSeen(app));
      await read("verified");
    });
    await test("a reader needs less than five minutes for it", () => {
      const words = pages.reduce((sum, page) => sum + page.words, 0);
      const seconds = words / WORDS_PER_SECOND + presses * SECONDS_PER_PRESS;
      const said = `${words} words, ${presses} presses, ${Math.round(seconds)} s: ${pages.map(({ page, words }) => `${page} ${words}`).join(", ")}`;
      console.log(`note ${said}`);
      assert.ok(seconds < LIMIT_SECONDS, said);
    });
  } finally {
    await app.end();
  }
}
