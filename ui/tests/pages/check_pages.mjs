/**
 * Checks every state of the window in Chromium over the fake app, under the product's content security policy: axe in
 * light and dark, no page wider than the window at two sizes and at 200 % text, and the guide by keyboard alone.
 *
 *   npm run pages                    every state
 *   npm run pages -- NAME            the states whose name contains NAME
 *   npm run pages -- --pictures      also writes pictures to `.shots/`; a state with a fault is always pictured
 */
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { openLane, setColorScheme } from "./browser_page.mjs";
import { accessibilityFaults, hasSameLayout, layout, overflow } from "./page_rules.mjs";
import { walkGuide } from "./guide_by_keyboard.mjs";
import { chains } from "./state_chains.mjs";
import { STATES } from "./states.mjs";
import { serve } from "./static_server.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const args = process.argv.slice(2);
const pictures = args.includes("--pictures");
const filter = args.find((arg) => !arg.startsWith("--")) ?? "";
const shots = join(root, ".shots");
const LARGE = { width: 1080, height: 720 };
const SMALL = { width: 880, height: 600 };
/** The pages that are checked side by side: one per core of a small machine. */
const LANES = 2;
/** States whose picture at 200 % text is saved. */
const PICTURED_AT_200 = [
  ...["actions-choose", "actions-choose-de", "actions-preview-admin", "actions-preview-long", "actions-done", "actions-audit-open", "actions-blocked"],
  ...["welcome", "1-before", "4-checks-person", "overview", "monitoring-hundred", "history-month", "reminders", "edit", "edit-profile"],
  ...["connection-remove", "connection-facts", "settings-quiet", "settings-policy", "settings-policy-fields", "settings-retention"],
  ...["settings-import", "diagnostics", "licenses", "practice-before", "practice-controls", "practice-controls-overview", "practice-before-de", "settings-sections"],
  ...["finished-report", "finished", "help-overview", "rotation-2-less", "rotation-5-revoke", "rotation-5-revoke-de", "rotation-5-nothing"],
  ...["notice-every", "notice-every-de", "notice-agent-not-responding-de", "settings-quit", "settings-quit-de"],
  ...["overview-expanded", "connection-healthy", "connection-refused-de", "connection-checks-refused", "history-young", "help"],
  ...["rotation-5-nothing-de", "rotation-6-confirmed-de", "monitoring-refused-de"],
];
const faults = [];

/** Checks the state the page shows. Structure is checked once: a color scheme that leaves the layout alone changes only colors. */
async function checkState(page, state) {
  const picture = (what) => pictures && page.screenshot({ path: join(shots, `${state.name}-${what}.png`) });
  const check = async (what, found) => faults.push(...(await found).map((fault) => `${state.name} ${what}: ${fault}`));

  await check("light 1080", overflow(page));
  await check("light 1080", accessibilityFaults(page, "everything"));
  await picture("light-1080x720");
  const light = await layout(page);
  await setColorScheme(page, "dark");
  await check("dark 1080", overflow(page));
  await check("dark 1080", accessibilityFaults(page, (await hasSameLayout(page, light)) ? "colors" : "everything"));
  await picture("dark-1080x720");
  await page.setViewportSize(SMALL);
  await check("dark 880", overflow(page));
  await picture("dark-880x600");
  await setColorScheme(page, "light");
  await check("light 880", overflow(page));
  await picture("light-880x600");
  await setTextSize(page, "200%");
  await check("at 200 % text", overflow(page));
  if (PICTURED_AT_200.includes(state.name)) await picture("200");
  await setTextSize(page, "");
  await page.setViewportSize(LARGE);
}

/** Waits for a frame: elements inside a container query keep their old text size until then. */
const setTextSize = (page, size) =>
  page.evaluate(async (size) => {
    document.documentElement.style.setProperty("font-size", size);
    await window.realFrame();
    await window.realFrame();
  }, size);

/** Checks the states of a chain one after the other on the same page. After a failure the next state starts from a fresh one. */
async function checkChain(lane, chain) {
  let opened = false;
  for (const { state, done } of chain) {
    const before = faults.length;
    lane.onFault = (text) => faults.push(`${state.name}: ${text}`);
    try {
      if (!opened) await lane.load(state);
      await lane.perform(state.act?.slice(opened ? done : 0) ?? []);
      await checkState(lane.page, state);
      opened = true;
    } catch (error) {
      opened = false;
      faults.push(`${state.name}: ${error.message.split("\n").slice(0, 4).join(" ")}`);
    }
    if (faults.length > before) await lane.page.screenshot({ path: join(shots, `${state.name}-fault.png`) }).catch(() => undefined);
  }
}

const server = await serve(root, ".fake");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
if (filter === "") await rm(shots, { recursive: true, force: true });
await mkdir(shots, { recursive: true });

const states = STATES.filter((state) => state.name.includes(filter));
const queue = chains(states).map((chain) => (lane) => checkChain(lane, chain));
if (filter === "" || filter === "walk") queue.unshift(async () => faults.push(...(await walkGuide(browser, server.url))));
await Promise.all(
  Array.from({ length: LANES }, async () => {
    const lane = await openLane(browser, server.url, LARGE);
    for (let job = queue.shift(); job; job = queue.shift()) await job(lane);
  }),
);

await browser.close();
await server.close();
for (const fault of faults) console.log(fault);
console.log(faults.length === 0 ? `${states.length} states checked, no faults` : `${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
