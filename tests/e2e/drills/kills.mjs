/**
 * Kills each process that the app depends on with SIGKILL at seeded instants of each activity, and examines what is left:
 * kills.mjs [--seed N] [--only PART OF "VICTIM/ACTIVITY"]. Each victim has a private desktop of its own. The last line is JSON.
 *   E2E_APP, E2E_CLI  the binaries (required)     E2E_OUT  where pictures of failures go     E2E_JOBS  desktops at once (3)
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { plan, word } from "./plan.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
/** How long the twenty kills of one victim may take. */
const DESKTOP_MINUTES = 40;

if (!existsSync(process.env.E2E_APP ?? "") || !existsSync(process.env.E2E_CLI ?? "")) {
  console.log("no app at E2E_APP or no connectorctl at E2E_CLI: cargo xtask drill kills builds both");
  process.exit(2);
}
process.env.E2E_OUT ??= here("../../../target/e2e");
mkdirSync(process.env.E2E_OUT, { recursive: true });

const seed = Number(word("--seed") ?? 1);
const only = word("--only") ?? "";
const kills = plan(seed, only);
const waiting = [...new Set(kills.map((one) => one.victim))];
if (waiting.length === 0) {
  console.log(`no victim and activity are called like "${only}"`);
  process.exit(2);
}
const results = [];

/** Runs the kills of one victim; what its desktop says is passed on line by line. Returns the result of each kill. */
async function run(victim) {
  const words = [here("../../desktop/private_desktop.py"), "--", process.execPath, here("kills_of_victim.mjs"), victim, "--seed", String(seed), "--only", only];
  const child = spawn("/usr/bin/python3", words, { stdio: ["ignore", "pipe", "inherit"] });
  let rest = "";
  child.stdout.on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (line.startsWith('{"kill":')) results.push(JSON.parse(line));
      else console.log(line);
    }
  });
  const late = setTimeout(() => child.kill("SIGTERM"), DESKTOP_MINUTES * 60_000);
  await new Promise((done) => child.once("close", done));
  clearTimeout(late);
}

const began = Date.now();
const desktops = Array.from({ length: Math.min(Number(process.env.E2E_JOBS ?? 3), waiting.length) }, async () => {
  for (let victim = waiting.shift(); victim; victim = waiting.shift()) await run(victim);
});
await Promise.all(desktops);

const failures = results.filter((one) => one.failed);
const largest = (name) => Math.max(0, ...results.map((one) => one[name] ?? 0));
const summary = {
  drill: "kills",
  kills: results.length,
  planned: kills.length,
  seed,
  failed: failures.length + kills.length - results.length,
  lost: failures.filter((one) => one.failed === "stored").length,
  agent_again_ms: largest("agentMs"),
  tray_again_ms: largest("trayMs"),
  status_true_ms: largest("statusMs"),
  // Of the activities in the window; that a probe was under way is not seen from outside.
  inside: results.filter((one) => one.isInside).length,
  after_end: results.filter((one) => one.isInside === false).length,
  minutes: Math.round((Date.now() - began) / 60_000),
  failures: failures.map((one) => one.kill),
};
console.log(JSON.stringify(summary));
process.exit(summary.failed === 0 ? 0 : 1);
