/**
 * What goes on while something is killed: a guide, the checks and a rotation in the window, a probe in the agent. Those of the
 * window are the commands that its pages call, one after the other from the page, for real connections.
 */
import { until } from "../lib/driver.mjs";
import { stored } from "./stored.mjs";
import { GUIDE_SIDES, INTERVAL_S } from "./drill_constants.mjs";

/** How long before a probe is due its activity begins. */
const BEFORE_PROBE_MS = 100;

/** What is called in the guide to come to a side. */
export const guideSteps = (id, side, tokens) => [
  ["set_domain", { id, typed: side.typed }],
  ["rename_connection", { id, name: side.name }],
  ["confirm", { id, what: "has_service_account", yes: side.has }],
  ["set_names", { id, tokenName: side.names[0], credentialName: side.names[1] }],
  ["store_secret", { id, name: "okta_token", value: tokens[side.principal], thisRunOnly: false }],
  ["go_to_step", { id, step: side.step }],
];

const checkSteps = (id) => [["run_checks", { id, only: null, news: "channel" }]];

/** A rotation up to the check of the new token. */
const rotationSteps = (id, tokens) => [
  ["begin_rotation", { id }],
  ["store_secret", { id, name: "next_okta_token", value: tokens.super_admin_next, thisRunOnly: false }],
  ["check_new_token", { id, news: "channel" }],
];

/** Makes the stored state ready for an activity. */
export async function prepare(activity, scene) {
  const rotation = stored().rotation[scene.healthy];
  if (activity === "rotation" && rotation && !rotation.finished) await scene.app.invoke("cancel_rotation", { id: scene.healthy });
}

/** Begins an activity and returns when that was. */
export async function begin(activity, scene) {
  if (activity === "probe") {
    await probeIsNear();
    return Date.now();
  }
  const steps = {
    guide: () => guideSteps(scene.guide, GUIDE_SIDES[1 - scene.side()], scene.org.card.tokens),
    check: () => checkSteps(scene.healthy),
    rotation: () => rotationSteps(scene.healthy, scene.org.card.tokens),
  };
  const calls = steps[activity]();
  const at = Date.now();
  await scene.app.driver.run(callInPage, calls);
  return at;
}

/** How long an activity takes: its second run, because the first one also loads and connects. */
export async function duration(activity, scene) {
  await run(activity, scene);
  return run(activity, scene);
}

/** Lets an activity run to its end and returns how long it took. */
async function run(activity, scene) {
  await prepare(activity, scene);
  const before = stored();
  const began = await begin(activity, scene);
  if (activity === "probe") {
    const probed = () => Object.entries(stored().monitor_state).some(([id, one]) => one.heartbeat !== before.monitor_state[id]?.heartbeat);
    await until("a probe", probed, 2 * INTERVAL_S * 1000);
    return Date.now() - began;
  }
  const { end, ms } = await until(`the end of ${activity}`, () => scene.app.driver.run(() => window.e2eActivity.end && window.e2eActivity), 60_000);
  if (end !== "done") throw new Error(`${activity} was refused: ${end}`);
  return Math.round(ms);
}

/** How long an activity took if it has ended already, else 0. Of a probe only its agent knows. */
export const endedAfter = (activity, scene) => (activity === "probe" ? undefined : scene.app.driver.run(() => (window.e2eActivity.end ? window.e2eActivity.ms : 0)));

/** Waits until a probe is about to begin. */
async function probeIsNear() {
  await until(
    "a probe to be due",
    () => Object.values(stored().monitor_state).some(({ heartbeat }) => Date.now() >= Date.parse(heartbeat) + INTERVAL_S * 1000 - BEFORE_PROBE_MS),
    2 * INTERVAL_S * 1000,
  );
}

/** Runs in the page: calls commands one after the other; `window.e2eActivity` says how it ended and how long it took. */
function callInPage(steps) {
  const bridge = window.__TAURI_INTERNALS__;
  const activity = (window.e2eActivity = { end: null, ms: 0 });
  const since = performance.now();
  const ended = (how) => Object.assign(activity, { end: how, ms: performance.now() - since });
  const call = async () => {
    for (const [command, args] of steps) {
      const news = args.news && `__CHANNEL__:${bridge.transformCallback(() => undefined)}`;
      await bridge.invoke(command, news ? { ...args, news } : args);
    }
  };
  call().then(
    () => ended("done"),
    (refusal) => ended(JSON.stringify(refusal)),
  );
  return true;
}
