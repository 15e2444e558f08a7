/**
 * Walks every state of the window in Chromium over the scripted host, under the product's content security policy: axe with
 * contrast, light and dark; no page wider than the window, at 200 % text too; the guide by keyboard alone. Writes pictures to
 * `.shots/`. `npm run pages -- NAME` looks at the states whose name contains NAME.
 */
import { mkdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { serve } from "./server.mjs";
import { STATES } from "./states.mjs";
import { walk } from "./walk.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const wanted = process.argv[2] ?? "";
const shots = join(root, ".shots");
const SIZES = [
  { width: 1080, height: 720 },
  { width: 880, height: 600 },
];
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** States whose picture at 200 % text is kept. */
const LARGE = [
  ...["first", "1-before", "4-checks-person", "overview", "watch-hundred", "past-month", "care", "edit", "edit-profile", "connection-remove", "connection-facts"],
  ...["settings-quiet", "settings-policy", "settings-policy-fields", "settings-kept", "settings-import", "diagnostics", "licences"],
  ...["practice-before", "practice-controls", "practice-before-de", "settings-sections", "9-done-report", "help", "help-overview"],
  ...["rotation-2-less", "rotation-5-revoke", "rotation-5-revoke-de", "watch-refused-de"],
];
const faults = [];

const server = await serve(root, ".fake");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
if (wanted === "") await rm(shots, { recursive: true, force: true });
await mkdir(shots, { recursive: true });

async function openPage(state) {
  const context = await browser.newContext({ viewport: SIZES[0], reducedMotion: "reduce", locale: "en-GB", timezoneId: "Europe/Berlin" });
  const page = await context.newPage();
  // The scenarios play at this moment; what says how long something stands is measured from it.
  await page.clock.setFixedTime("2026-03-10T10:15:00Z");
  page.on("pageerror", (error) => faults.push(`${state.name}: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`${state.name}: ${message.text()}`);
  });
  const language = state.language ? `&language=${state.language}` : "";
  await page.goto(`${server.url}/fake.html?fake=${state.scenario ?? state.name}${language}`);
  await page.waitForSelector("main");
  if ((state.scenario ?? state.name) !== "loading") await page.waitForSelector("main h1, main .loading");
  for (const act of state.act ?? []) await act(page);
  return { context, page };
}

async function wide(page, what) {
  const over = await page.evaluate(() => {
    const main = document.querySelector("main");
    return Math.max(document.documentElement.scrollWidth - innerWidth, main ? main.scrollWidth - main.clientWidth : 0);
  });
  if (over > 1) faults.push(`${what}: ${over} px wider than the window`);
}

async function check(page, what) {
  await page.evaluate(axe);
  const found = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), TAGS);
  for (const one of found.violations) {
    const nodes = one.nodes.slice(0, 3).map((node) => `${node.target.join(" ")} ${node.any[0]?.message ?? ""}`);
    faults.push(`${what}: ${one.id}: ${nodes.join(" | ")}`);
  }
}

async function look(state) {
  const { context, page } = await openPage(state);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // The new colours are there once two frames were drawn; axe would else read some of the old ones.
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    await page.waitForTimeout(200);
    for (const viewport of SIZES) {
      await page.setViewportSize(viewport);
      const what = `${state.name} ${colorScheme} ${viewport.width}`;
      await wide(page, what);
      if (viewport === SIZES[0]) await check(page, what);
      await page.screenshot({ path: join(shots, `${state.name}-${colorScheme}-${viewport.width}x${viewport.height}.png`) });
    }
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.evaluate(() => document.documentElement.style.setProperty("font-size", "200%"));
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  await page.waitForTimeout(200);
  await wide(page, `${state.name} at 200 % text`);
  if (LARGE.includes(state.name)) await page.screenshot({ path: join(shots, `${state.name}-200.png`) });
  await context.close();
}

for (const state of STATES.filter((one) => one.name.includes(wanted))) {
  try {
    await look(state);
  } catch (error) {
    faults.push(`${state.name}: ${error.message.split("\n").slice(0, 4).join(" ")}`);
  }
}
if (wanted === "" || wanted === "walk") faults.push(...(await walk(browser, server.url)));

await browser.close();
await server.close();
for (const fault of faults) console.log(fault);
console.log(faults.length === 0 ? `${STATES.length} states looked at, nothing found` : `${faults.length} found`);
process.exitCode = faults.length === 0 ? 0 : 1;
