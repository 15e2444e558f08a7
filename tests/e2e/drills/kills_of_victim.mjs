/**
 * Kills one victim in every activity, inside its desktop: kills_of_victim.mjs VICTIM --seed N --only TEXT; started by kills.mjs.
 * One line per kill for people, and one of JSON for kills.mjs.
 */
import { sleep } from "../lib/driver.mjs";
import { picture } from "../lib/desktop_access.mjs";
import { killApp } from "../lib/processes.mjs";
import { ACTIVITIES, plan, word } from "./plan.mjs";
import { begin, duration, endedAfter, prepare } from "./activities.mjs";
import { Scene } from "./scene.mjs";
import { assertNothingLost, everything } from "./stored.mjs";
import { bringBack, target } from "./victims.mjs";

const victim = process.argv[2];
const kills = plan(Number(word("--seed")), word("--only")).filter((one) => one.victim === victim);

/** Kills once and examines what is left. Returns the measured times. */
async function kill({ activity, part }, scene, durations) {
  await scene.ready();
  await prepare(activity, scene);
  const before = everything();
  const strike = target(victim);
  const began = await begin(activity, scene);
  await sleep(Math.max(0, began + part * durations[activity] - Date.now()));
  const ended = await endedAfter(activity, scene);
  // It was faster than measured: later instants are within what it takes now.
  if (ended > 0) durations[activity] = Math.min(durations[activity], ended);
  const at = Date.now();
  await strike();
  scene.struck(victim);
  await scene.turn();
  await bringBack(victim);
  const back = Date.now();
  assertStored(before, everything(), activity, scene);
  const agentMs = await scene.processesAreRight(victim, at);
  const trayMs = await scene.trayIsBack(back);
  const statusMs = await scene.statusIsTrue(victim, back);
  assertStored(before, everything(), activity, scene);
  return { agentMs, trayMs, statusMs, isInside: ended === undefined ? undefined : ended === 0 };
}

function assertStored(before, after, activity, scene) {
  try {
    assertNothingLost(before, after, activity, scene);
  } catch (error) {
    error.isLoss = true;
    throw error;
  }
}

async function report(one, scene, durations) {
  const instant = Math.round(one.part * durations[one.activity]);
  try {
    const times = await kill(one, scene, durations);
    console.log(`ok   ${one.name} at ${instant} ms: ${Object.entries(times).map(([name, value]) => `${name} ${value}`).join(", ")}`);
    console.log(JSON.stringify({ kill: one.name, ...times }));
  } catch (error) {
    const file = `${process.env.E2E_OUT}/kills-${one.name.replaceAll("/", "-")}.png`;
    await picture(file).catch(() => undefined);
    console.log(`FAIL ${one.name} at ${instant} ms\n     ${error.stack ?? error}\n     picture: ${file}`);
    console.log(JSON.stringify({ kill: one.name, failed: error.isLoss ? "stored" : "other" }));
    await scene.recover();
  }
}

let scene;
try {
  scene = await Scene.start();
  const durations = {};
  for (const activity of ACTIVITIES.filter((name) => kills.some((one) => one.activity === name))) durations[activity] = await duration(activity, scene);
  console.log(`note ${victim}: durations in ms ${JSON.stringify(durations)}`);
  for (const one of kills) await report(one, scene, durations);
} catch (error) {
  console.log(`FAIL ${victim}: outside of its kills\n     ${error.stack ?? error}`);
  await picture(`${process.env.E2E_OUT}/kills-${victim}-outside.png`).catch(() => undefined);
} finally {
  killApp();
  scene?.org.end();
}
process.exit(0);
