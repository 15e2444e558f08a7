/**
 * Opens the browser page of one lane and keeps it for every state of that lane. Nothing waits for a fixed time: the page's short
 * timers run fifty times as fast and are counted, so that a state is complete when none is left.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Runs in the page before the fixed clock replaces `requestAnimationFrame` by one that draws nothing. */
function keepRealFrames() {
  const next = window.requestAnimationFrame.bind(window);
  window.realFrame = () => new Promise((drawn) => next(drawn));
}

/** Runs in the page before its own scripts. Longer timers belong to states that show a wait, and stay as they are. */
function countShortTimers() {
  const { setTimeout: start, clearTimeout: stop } = window;
  const pending = new Set();
  window.setTimeout = (run, delay = 0, ...args) => {
    if (delay > 1000) return start(run, delay, ...args);
    const id = start(() => {
      pending.delete(id);
      run(...args);
    }, delay / 50);
    pending.add(id);
    return id;
  };
  window.clearTimeout = (id) => {
    pending.delete(id);
    stop(id);
  };
  window.pendingShortTimers = pending;
}

/**
 * Runs in the page. Chromium keeps the old colors of a row that it has not drawn since the color scheme changed, and which rows
 * those are depends on the machine's load, so every row is drawn.
 */
function drawEveryRow() {
  const style = new CSSStyleSheet();
  style.replaceSync("* { content-visibility: visible !important; }");
  document.adoptedStyleSheets.push(style);
}

/**
 * Waits until the page's code is loaded and it has no short timer and no transition left. The end of one transition begins the next where a color is
 * inherited, so they are finished until none is running.
 */
const settle = (page) =>
  page.evaluate(async () => {
    const running = () => document.getAnimations().filter((animation) => animation.playState === "running");
    do {
      await window.realFrame();
      for (const animation of running()) animation.finish();
    } while (window.pendingShortTimers.size > 0 || running().length > 0 || document.querySelector("[data-page-loading]"));
  });

export async function setColorScheme(page, colorScheme) {
  await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
  await settle(page);
}

/** Opens a page of its own context. `load` shows a state's scenario, `perform` does what leads to the state. */
export async function openLane(browser, url, viewport) {
  const context = await browser.newContext({ viewport, colorScheme: "light", reducedMotion: "reduce", locale: "en-GB", timezoneId: "Europe/Berlin" });
  const page = await context.newPage();
  await page.addInitScript(keepRealFrames);
  // The scenarios play at this moment; durations on the screen are measured from it.
  await page.clock.setFixedTime("2026-03-10T10:15:00Z");
  await page.addInitScript(countShortTimers);
  const lane = { page, onFault: () => undefined, load, perform };
  page.on("pageerror", (error) => lane.onFault(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") lane.onFault(message.text());
  });

  async function load(state) {
    const scenario = state.scenario ?? state.name;
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await page.mouse.move(0, 0);
    await page.goto(`${url}/fake.html?fake=${scenario}${state.language ? `&language=${state.language}` : ""}`);
    await page.waitForSelector(scenario === "loading" ? "main" : "main h1, main .loading");
    await page.evaluate(axe);
    await page.evaluate(drawEveryRow);
    await settle(page);
  }

  async function perform(acts) {
    for (const act of acts) {
      await act(page);
      await settle(page);
    }
  }

  return lane;
}
