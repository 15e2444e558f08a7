/**
 * A hundred watched practice connections in the real window: how long each interaction takes from the input event to the next
 * painted frame, what a change of status takes, memory, processor time, and what the tray shows. Run inside a desktop by
 * `cargo xtask bench many-connections`; the last line is JSON.
 *
 * The hundred share one practice organization, which answers from inside the app: its memory and its time count against it.
 * Connections are looked at ten times as often as by default, so that a minute shows what ten are.
 */
import { readFileSync, readdirSync } from "node:fs";

import { App } from "../lib/app_window.mjs";
import { PRIVATE_DESKTOP } from "../lib/desktop_access.mjs";
import { sleep, until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";
import { TrayItem } from "../lib/tray_item.mjs";

const COUNT = Number(process.env.CROWD ?? 100);
const ROUNDS = 8;
const WATCHED_S = 60;
const GOAL_MS = 100;
const SETTINGS = { heartbeat_s: 60, freshness_s: 180, full_s: 86_400, allowed_lag_s: 900, notices: true };

let app;

async function measure() {
  await app.invoke("begin_practice");
  const before = cost();
  const seeded = await seed();
  await until("the overview", () => app.driver.run((n) => document.querySelectorAll("main li h2").length >= n, COUNT), 60_000).catch(async () => {
    await app.press("button", t("ui.title.overview"));
  });
  console.log(`${seeded.ids.length} connections in ${seeded.seconds} s`);
  await until("every connection to be looked at", async () => (await states()).ok === COUNT, 240_000).catch(async () => console.log(`states: ${JSON.stringify(await states())}`));
  await app.driver.run(listen);
  const times = { ...(await inputs()), "a status that changes": await changes(seeded.ids) };
  const idle = await monitoredConnection();
  const after = cost();
  const tray = shown();
  console.log("| interaction | n | median ms | p95 ms | worst ms |\n|---|---|---|---|---|");
  for (const [name, all] of Object.entries(times)) console.log(`| ${name} | ${all.length} | ${at(all, 0.5)} | ${at(all, 0.95)} | ${at(all, 1)} |`);
  const worst = Math.max(...Object.values(times).flat());
  console.log(JSON.stringify({ bench: "crowd", connections: COUNT, goal_ms: GOAL_MS, worst_ms: round(worst), times_ms: Object.fromEntries(Object.entries(times).map(([name, all]) => [name, { median: at(all, 0.5), p95: at(all, 0.95), worst: at(all, 1) }])), pss_mb_before: before.pss, pss_mb_after: after.pss, ...idle, tray }));
}

/** As many finished connections, by the commands of the window; the practice Radiant has the token. */
async function seed() {
  const began = Date.now();
  await app.invoke("change_monitor_settings", { change: SETTINGS });
  const first = (await app.invoke("connections"))[0].connection.id;
  const ids = [];
  for (let n = 0; n < COUNT; n += 1) {
    const id = n === 0 ? first : (await app.invoke("begin_practice")).connection.id;
    await app.invoke("practice_token", { id, principal: "super_admin" });
    if (n === 0) await app.invoke("practice_credential", { id });
    const { connection } = await app.invoke("practice_radiant_token", { id });
    const search = { ...connection.radiant, connector_type: "okta_system_log", timestamp_field: "timestamp" };
    await app.invoke("set_radiant_search", { id, search });
    await app.invoke("rename_connection", { id, name: `Organization ${String(n + 1).padStart(3, "0")}` });
    await app.invoke("finish_setup", { id, keep: "token", launchAtLogin: false });
    ids.push(id);
  }
  return { ids, seconds: Math.round((Date.now() - began) / 1000) };
}

async function states() {
  const counts = {};
  for (const view of await app.invoke("connections")) counts[view.status.state] = (counts[view.status.state] ?? 0) + 1;
  return counts;
}

/** Runs in the page: notes for each input event how long it is until the frame after it was painted. */
function listen() {
  window.benchTimes = [];
  const painted = (event) => {
    const from = event.timeStamp;
    requestAnimationFrame(() => {
      const port = new MessageChannel();
      port.port1.onmessage = () => window.benchTimes.push(performance.now() - from);
      port.port2.postMessage(0);
    });
  };
  for (const kind of ["input", "click", "wheel"]) addEventListener(kind, painted, { capture: true });
  return true;
}

const taken = () => app.driver.run(() => window.benchTimes.splice(0));

/** Waits until the page has noted what was done, and returns it. */
async function noted(count) {
  await until("the frame to be painted", () => app.driver.run((n) => window.benchTimes.length >= n, count), 5_000);
  await sleep(40);
  return taken();
}

async function inputs() {
  const times = { "typing in the filter": [], "a state's filter": [], "opening a connection": [], "back to the list": [], scrolling: [] };
  await taken();
  for (let round = 0; round < ROUNDS; round += 1) {
    await app.driver.run(() => document.querySelector("#find-connection").focus());
    for (const key of `n 0${(round % 9) + 1}`) {
      await app.driver.type(key);
      times["typing in the filter"].push(...(await noted(1)));
    }
    for (let i = 0; i < 4; i += 1) {
      await app.driver.press("Backspace");
      times["typing in the filter"].push(...(await noted(1)));
    }
    // The first filter is "all", the second the worst state there is: on, and off again.
    for (const n of [2, 1]) {
      await app.driver.click(`search [role=group] button:nth-of-type(${n})`);
      times["a state's filter"].push(...(await noted(1)));
    }
    const line = `main li:nth-of-type(${((round * 7) % 40) + 1})`;
    // A line out of sight is not laid out and cannot be pressed.
    await app.driver.run((css) => document.querySelector(css).scrollIntoView({ block: "center" }), line);
    await sleep(150);
    await app.driver.click(`${line} .go button`);
    times["opening a connection"].push(...(await noted(1)));
    await until("its page", async () => !(await app.driver.run(() => document.querySelector("#find-connection"))));
    await sleep(300);
    await app.press("button", t("ui.title.overview"));
    times["back to the list"].push(...(await noted(1)));
    await until("the list", () => app.driver.run(() => document.querySelectorAll("main li h2").length > 50));
    times.scrolling.push(...(await app.driver.at("POST", "/execute/async", { script: SCROLL, args: [] })));
  }
  return times;
}

/** Scrolls the list to its end in pages: each from the call to the painted frame. */
const SCROLL = `const done = arguments[arguments.length - 1];
  const main = document.querySelector("main"), times = [];
  const step = () => {
    const from = performance.now();
    main.scrollBy(0, main.clientHeight * 0.9);
    requestAnimationFrame(() => { const port = new MessageChannel(); port.port1.onmessage = () => { times.push(performance.now() - from); main.scrollTop + main.clientHeight >= main.scrollHeight - 2 ? (main.scrollTo(0, 0), done(times)) : setTimeout(step, 30); }; port.port2.postMessage(0); });
  };
  step();`;

/** Pauses and resumes connections: from the command's call to the painted frame in which the list says so. */
async function changes(ids) {
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const id = ids[(round * 13) % ids.length];
    for (const pause of [true, false]) {
      times.push(await app.driver.at("POST", "/execute/async", { script: CHANGE, args: [id, pause] }));
      await sleep(700);
    }
  }
  return times;
}

/** The list's text changes with the state's count; what is waited for is the next change after the call. */
const CHANGE = `const [id, pause, done] = arguments;
  const from = performance.now();
  const seen = new MutationObserver(() => {
    seen.disconnect();
    requestAnimationFrame(() => { const port = new MessageChannel(); port.port1.onmessage = () => done(performance.now() - from); port.port2.postMessage(0); });
  });
  seen.observe(document.querySelector("search"), { subtree: true, childList: true, characterData: true });
  window.__TAURI_INTERNALS__.invoke("pause_checks", { id, pause });`;

/** Lets the hundred be watched: processor time, and the longest frame meanwhile. */
async function monitoredConnection() {
  const before = cost();
  const longest = await app.driver.at("POST", "/execute/async", { script: FRAMES, args: [25_000] });
  await sleep(WATCHED_S * 1000 - 25_000);
  const after = cost();
  const share = (name) => round(((after[name] - before[name]) / WATCHED_S) * 100);
  return { looks_per_minute: COUNT, longest_frame_ms_while_watching: round(longest), cpu_percent_app: share("app"), cpu_percent_window: share("web") };
}

const FRAMES = `const [ms, done] = arguments; let last = performance.now(), longest = 0; const end = last + ms;
  const frame = () => { const now = performance.now(); longest = Math.max(longest, now - last); last = now; now < end ? requestAnimationFrame(frame) : done(longest); };
  requestAnimationFrame(frame);`;

/** What the tray shows of so many. */
function shown() {
  const item = TrayItem.all()[0];
  const menu = item.menu().map((entry) => entry.label);
  // The picture's bytes stand before the texts.
  const tooltip = item.property("ToolTip").split("[").at(-1).split("]").at(-1);
  for (const label of menu) console.log(`menu: ${label}`);
  console.log(`tooltip: ${tooltip}`);
  return { menu_entries: menu.length, tooltip_characters: tooltip.length, longest_entry: Math.max(...menu.map((label) => label.length)) };
}

/** Memory (PSS) and processor seconds of the desktop's app: the program itself, and its web view's processes. */
function cost() {
  const ids = readdirSync("/proc").filter((id) => /^\d+$/.test(id) && read(`/proc/${id}/environ`).includes(`PRIVATE_DESKTOP=${PRIVATE_DESKTOP}\0`));
  let [pss, appS, web] = [0, 0, 0];
  for (const id of ids) {
    const name = read(`/proc/${id}/comm`).trim();
    const ours = process.env.E2E_APP.split("/").at(-1).startsWith(name);
    if (!ours && !/^WebKit(Web|Network|GPU)Pro/.test(name)) continue;
    pss += Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${id}/smaps_rollup`))?.[1] ?? 0);
    const fields = read(`/proc/${id}/stat`).split(") ").at(-1).split(" ");
    const seconds = (Number(fields[11]) + Number(fields[12])) / 100;
    if (ours) appS += seconds;
    else web += seconds;
  }
  return { pss: Math.round(pss / 1000), app: appS, web };
}

function read(path) {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

const round = (ms) => Math.round(ms * 10) / 10;

/** The value below which this part of all is. */
function at(all, part) {
  const sorted = [...all].sort((a, b) => a - b);
  return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]);
}

app = await App.start(["--practice"]);
try {
  await measure();
} finally {
  await app.end();
}
