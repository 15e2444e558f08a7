/**
 * What goes on while something is killed: a guide, the checks and a rotation in the window, a probe in the agent. Those of the
 * window are the commands that its pages call, one after the other from the page, for real connections.
 */
import { until } from "../lib/driver.mjs";
import { stored } from "./stored.mjs";
import { GUIDE_SIDES, INTERVAL_S } from "./subjects.mjs";

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

/** Begins an activity and returns at its beginning. */
export async function begin(activity, scene) {
  if (activity === "probe") return probeIsNear();
  const steps = {
    guide: () => guideSteps(scene.guide, GUIDE_SIDES[1 - scene.side()], scene.org.card.tokens),
    check: () => checkSteps(scene.healthy),
    rotation: () => rotationSteps(scene.healthy, scene.org.card.tokens),
  };
  return scene.app.driver.run(callInPage, steps[activity]());
}

/** Lets an activity run to its end and returns how long it took. */
export async function duration(activity, scene) {
  await prepare(activity, scene);
  const before = stored();
  await begin(activity, scene);
  const began = Date.now();
  if (activity === "probe") {
    const probed = () => Object.entries(stored().monitor_state).some(([id, one]) => one.heartbeat !== before.monitor_state[id]?.heartbeat);
    await until("a probe", probed, 2 * INTERVAL_S * 1000);
  } else {
    const end = await until(`the end of ${activity}`, () => scene.app.driver.run(() => window.e2eActivity.end), 60_000);
    if (end !== "done") throw new Error(`${activity} was refused: ${end}`);
  }
  return Date.now() - began;
}

/** Whether an activity has not ended yet. Of a probe only its agent knows. */
export const isUnderWay = (activity, scene) => (activity === "probe" ? undefined : scene.app.driver.run(() => window.e2eActivity.end === null));

/** Waits until a probe is about to begin. */
async function probeIsNear() {
  await until(
    "a probe to be due",
    () => Object.values(stored().monitor_state).some(({ heartbeat }) => Date.now() >= Date.parse(heartbeat) + INTERVAL_S * 1000 - BEFORE_PROBE_MS),
    2 * INTERVAL_S * 1000,
  );
}

/** Runs in the page: calls commands one after the other; `window.e2eActivity.end` says how it ended. */
function callInPage(steps) {
  const bridge = window.__TAURI_INTERNALS__;
  const activity = (window.e2eActivity = { end: null });
  const call = async () => {
    for (const [command, args] of steps) {
      const news = args.news && `__CHANNEL__:${bridge.transformCallback(() => undefined)}`;
      await bridge.invoke(command, news ? { ...args, news } : args);
    }
  };
  call().then(
    () => (activity.end = "done"),
    (refusal) => (activity.end = JSON.stringify(refusal)),
  );
  return true;
}
