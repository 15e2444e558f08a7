/** The history as the real window draws it: what Chromium shows of a plot proves nothing of WebKitGTK. */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";
import { monitoredConnection } from "../lib/monitored_connection.mjs";

const SETTINGS = { heartbeat_s: 5, freshness_s: 5, full_s: 600, allowed_lag_s: 60, notices: false };

/** Every axis of the page: its place, and the place and words of each mark; runs in the page. */
function axes() {
  const box = (one) => {
    const { left, right, top, bottom, width, height } = one.getBoundingClientRect();
    return { left, right, top, bottom, width, height };
  };
  return [...document.querySelectorAll("svg")]
    .filter((svg) => [...svg.children].some((one) => one.tagName === "text") && [...svg.children].every((one) => ["text", "line"].includes(one.tagName)))
    .filter((svg) => !svg.getAttribute("role"))
    .map((svg) => ({
      place: box(svg),
      words: [...svg.querySelectorAll("text")].map((one) => ({ ...box(one), text: one.textContent })),
      ticks: [...svg.querySelectorAll("line")].map(box),
    }));
}

/** Fails unless each mark has words, and they and its tick stand inside the axis and can be seen. */
function assertDrawn(all, many) {
  assert.equal(all.length, many);
  for (const { place, words, ticks } of all) {
    assert.ok(words.length >= 3 && ticks.length === words.length, JSON.stringify(words));
    for (const one of words) {
      assert.match(one.text, /\d/);
      assert.ok(one.width > 10 && one.height > 5, JSON.stringify(one));
      assert.ok(one.top >= place.top - 1 && one.bottom <= place.bottom + 1, `${JSON.stringify(one)} in ${JSON.stringify(place)}`);
    }
    for (const tick of ticks) assert.ok(tick.height >= 3 && tick.bottom <= place.bottom, JSON.stringify(tick));
    assert.ok(words.every((one) => ticks.every((tick) => one.top >= tick.bottom - 2)), "the words stand below their ticks");
  }
}

export default async function (test) {
  const app = await App.start(["--practice"]);
  try {
    const id = await monitoredConnection(app, SETTINGS);
    await until("a look", async () => (await app.invoke("history", { id, span: "day" })).hours.length > 0, 60_000);
    await test("the card's 24 hours have a time axis that is seen", async () => {
      await app.press("button", t("ui.title.overview"));
      await until("the strip", async () => (await app.driver.run(axes)).length > 0);
      assertDrawn(await app.driver.run(axes), 1);
    });
    await test("so has the plot of the connection's page over each span", async () => {
      await app.press("button", t("ui.card.details"));
      await app.press("button", t("ui.connection.tab.history"));
      let labels = null;
      for (const span of ["day", "week", "month"]) {
        await app.press("button", t(`ui.history.span.${span}`));
        // The plot of another span has other labels; until it is loaded the previous plot stays.
        const drawn = await until(`the plot of a ${span}`, async () => {
          const all = await app.driver.run(axes);
          return all.length > 0 && JSON.stringify(all[0].words) !== labels && all;
        });
        assertDrawn(drawn, 1);
        labels = JSON.stringify(drawn[0].words);
      }
    });
    await test("at 200 % text as well", async () => {
      await app.driver.run(() => document.documentElement.style.setProperty("font-size", "200%"));
      assertDrawn(await app.driver.run(axes), 1);
    });
    await test("practice says so in the window's language from now on, and names its next connection in it", async () => {
      const preferences = await app.invoke("preferences");
      await app.invoke("set_preferences", { preferences: { ...preferences, language: "de" } });
      assert.equal((await app.invoke("begin_practice")).connection.name, "Übung");
    });
  } finally {
    await app.end();
  }
}
