/**
 * Runs the specs of the real window: run.mjs [NAME] [--except NAME]. Each spec gets a private desktop of its own, two run side
 * by side. One line per test, the last line is `N passed, N failed`.
 *   E2E_APP  the app's binary (required)     E2E_OUT  where pictures of failures go     E2E_JOBS  desktops at once (2)
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const words = process.argv.slice(2);
const except = words.includes("--except") ? words.splice(words.indexOf("--except"), 2)[1] : null;
const filter = words[0] ?? "";
/** How long a spec may take unless its `minutes` say otherwise. */
const SPEC_MINUTES = 5;

if (!process.env.E2E_APP || !existsSync(process.env.E2E_APP)) {
  console.log(`no app at E2E_APP (${process.env.E2E_APP}): cargo xtask e2e builds it`);
  process.exit(2);
}
process.env.E2E_OUT ??= here("../../target/e2e");
mkdirSync(process.env.E2E_OUT, { recursive: true });

const names = readdirSync(here("specs")).filter((file) => file.endsWith(".mjs")).map((file) => file.slice(0, -4));
const waiting = names.filter((name) => name.includes(filter) && name !== except).sort();
if (waiting.length === 0) {
  console.log(`no spec is called like "${filter}": ${names.join(", ")}`);
  process.exit(2);
}
let passed = 0;
let failed = 0;

/** Runs one spec on its desktop and prints what it said in one piece. */
async function run(name) {
  const spec = await import(`./specs/${name}.mjs`);
  const env = { ...process.env, ...(spec.desktop ?? {}) };
  const child = spawn("/usr/bin/python3", [here("../desktop/private_desktop.py"), "--", process.execPath, here("run_spec.mjs"), name], { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
  const late = setTimeout(() => child.kill("SIGTERM"), (spec.minutes ?? SPEC_MINUTES) * 60_000);
  const code = await new Promise((done) => child.once("close", done));
  clearTimeout(late);
  const lines = said.split("\n");
  const bad = lines.filter((line) => line.startsWith("FAIL ")).length;
  passed += lines.filter((line) => line.startsWith("ok   ")).length;
  failed += bad || (code === 0 ? 0 : 1);
  console.log(`-- ${name}${code === 0 || bad ? "" : `: ended with ${code}`}`);
  // What passed speaks in single lines; the whole is shown where something failed.
  console.log((code === 0 ? lines.filter((line) => /^(ok {3}|skip |note )/.test(line)) : lines.filter((line) => line.trim())).join("\n"));
}

const desktops = Array.from({ length: Math.min(Number(process.env.E2E_JOBS ?? 2), waiting.length) }, async () => {
  for (let name = waiting.shift(); name; name = waiting.shift()) await run(name);
});
await Promise.all(desktops);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
