/**
 * Walks every state of the window in Chromium over the scripted host, under the product's content security policy: axe with
 * contrast, light and dark; no page wider than the window, at 200 % text too; the guide by keyboard alone. Writes pictures to
 * `.shots/`. `npm run pages -- NAME` looks at the states whose name contains NAME.
 */
import { mkdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { serve } from "./server.mjs";
import { STATES } from "./states.mjs";
import { walk } from "./walk.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const wanted = process.argv[2] ?? "";
const shots = join(root, ".shots");
const SIZES = [
  { width: 1080, height: 720 },
  { width: 880, height: 600 },
];
const faults = [];

const server = await serve(root, ".fake");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
if (wanted === "") await rm(shots, { recursive: true, force: true });
await mkdir(shots, { recursive: true });

async function openPage(state, colorScheme, viewport) {
  const context = await browser.newContext({ viewport, colorScheme, bypassCSP: false, reducedMotion: "reduce", locale: "en-GB", timezoneId: "Europe/Berlin" });
  const page = await context.newPage();
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

async function look(state) {
  for (const colorScheme of ["light", "dark"]) {
    for (const viewport of SIZES) {
      const { context, page } = await openPage(state, colorScheme, viewport);
      const what = `${state.name} ${colorScheme} ${viewport.width}`;
      await wide(page, what);
      if (viewport.width === 1080) {
        await page.evaluate(await (await import("node:fs/promises")).readFile(axe, "utf8"));
        const found = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
        for (const one of found.violations) {
          faults.push(`${what}: ${one.id}: ${one.nodes.map((node) => `${node.target.join(" ")} ${node.any[0]?.message ?? ""}`).slice(0, 3).join(" | ")}`);
        }
      }
      await page.screenshot({ path: join(shots, `${state.name}-${colorScheme}-${viewport.width}x${viewport.height}.png`) });
      await context.close();
    }
  }
  const { context, page } = await openPage(state, "light", SIZES[1]);
  await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
  await page.waitForTimeout(50);
  await wide(page, `${state.name} at 200 % text`);
  if (["first", "1-before", "4-checks-person", "overview"].includes(state.name)) await page.screenshot({ path: join(shots, `${state.name}-200.png`) });
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
