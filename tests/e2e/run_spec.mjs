/** Runs one spec inside its desktop; started by run.mjs. */
import { App } from "./lib/app_window.mjs";
import { picture } from "./lib/desktop_access.mjs";
import { agents, killApp, windows } from "./lib/processes.mjs";

const name = process.argv[2];
const spec = await import(`./specs/${name}.mjs`);
let failed = 0;

/** A picture of the whole display, so that a failure can be looked at. */
async function shown(title) {
  const file = `${process.env.E2E_OUT}/${name}-${title.replace(/[^a-z0-9]+/gi, "-").slice(0, 60)}.png`;
  try {
    await picture(file);
    return file;
  } catch {
    return "none";
  }
}

/** What the newest window says, so that a failure can be understood where no picture can be opened. */
async function said() {
  const text = await App.newest?.text().catch(() => undefined);
  return text === undefined ? "" : `\n     window: ${text.replace(/\s+/g, " ").slice(0, 2_000)}`;
}

/** One test, named as a sentence. A spec is a story: after a failure the rest of it has no ground to stand on. */
async function test(title, work) {
  if (failed > 0) {
    console.log(`skip ${name}: ${title}`);
    return false;
  }
  const start = Date.now();
  try {
    await work();
    console.log(`ok   ${name}: ${title} (${Date.now() - start} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}: ${title}\n     ${error.stack ?? error}\n     picture: ${await shown(title)}${await said()}`);
    for (const line of (await spec.told?.().catch(() => [])) ?? []) console.log(`     told: ${line.slice(0, 400)}`);
  }
  return failed === 0;
}

try {
  await spec.default(test);
} catch (error) {
  failed += 1;
  console.log(`FAIL ${name}: outside of its tests\n     ${error.stack ?? error}\n     picture: ${await shown("outside")}`);
}
// The agent outlives its window and would go on beside the next spec's services.
const left = [...agents(), ...windows()];
if (left.length > 0 && failed === 0) {
  failed += 1;
  console.log(`FAIL ${name}: processes of the app are left: ${left.join(", ")}`);
}
killApp();
process.exit(failed === 0 ? 0 : 1);
