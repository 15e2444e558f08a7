/** The steps of both guides in the fake app. They are a script, not the rules: each step has one mark once it is passed, and lacks the same items until a handler removes them. */
import type { AcceptedIssuer, CheckId, Confirmable, ConnectionView, GuideStep, GuideView, MissingItem, RotationStep, RotationView, StepMark, StepView } from "../model";

type Script<Step> = readonly (readonly [step: Step, passed: StepMark, missing: readonly MissingItem[]])[];

const SETUP: Script<GuideStep> = [
  ["before", "confirmed", ["service_account", "radiant_admin"]],
  ["domain", "verified", ["domain"]],
  ["create_token", "confirmed", ["token_created"]],
  ["paste_token", "verified", ["token"]],
  ["credential", "confirmed", ["credential"]],
  ["data_connector", "confirmed", ["data_connector"]],
  ["action_connector", "confirmed", ["action_connector"]],
  ["arrival", "unverified", []],
  ["done", "done", []],
];
const ROTATION: Script<RotationStep> = [
  ["create", "done", []],
  ["paste", "verified", ["token"]],
  ["update", "confirmed", ["credential_updated"]],
  ["watch", "unverified", []],
  ["revoke", "done", []],
];
/** The step of each confirmation, and what is missing without it. */
const CONFIRMATIONS: Record<Confirmable, [GuideStep, MissingItem]> = {
  has_service_account: ["before", "service_account"],
  has_radiant_admin: ["before", "radiant_admin"],
  token_created: ["create_token", "token_created"],
  owner_is_service_account: ["paste_token", "owner"],
  owner_is_person: ["paste_token", "owner"],
  tls_inspection_accepted: ["paste_token", "tls"],
  radiant_tls_inspection_accepted: ["arrival", "tls"],
  credential_added: ["credential", "credential"],
  data_connector_added: ["data_connector", "data_connector"],
  action_connector_added: ["action_connector", "action_connector"],
};

/** Marks the steps before `to` as passed, and `to` as reachable. */
function pass<Step>(steps: StepView<Step>[], script: Script<Step>, to: Step): StepView<Step>[] {
  const at = steps.findIndex((one) => one.step === to);
  return steps.map((one, i) => {
    if (i >= at) return { ...one, reachable: one.reachable || i === at };
    return { step: one.step, mark: one.mark === "open" ? (script[i]?.[1] ?? "open") : one.mark, missing: [], reachable: true };
  });
}

function stepsAt<Step>(script: Script<Step>, to: Step): StepView<Step>[] {
  const fresh = script.map(([step, , missing]) => ({ step, mark: "open" as const, missing: [...missing], reachable: false }));
  return pass(fresh, script, to);
}

/** Changes one step of a guide. */
export function changeStep<Step>(guide: { steps: StepView<Step>[] }, step: Step, change: Partial<StepView<Step>>): void {
  guide.steps = guide.steps.map((one) => (one.step === step ? { ...one, ...change } : one));
}

/** Adds an item to what a step lacks, or removes it. */
export function setMissing<Step>(guide: { steps: StepView<Step>[] }, step: Step, what: MissingItem, isMissing: boolean): void {
  const others = guide.steps.find((one) => one.step === step)?.missing.filter((one) => one !== what) ?? [];
  changeStep(guide, step, { missing: isMissing ? [...others, what] : others });
}

/** Returns a set-up guide at `step`, with everything before it passed. */
export function guideAt(step: GuideStep): GuideView {
  return { steps: stepsAt(SETUP, step), owner_decision: "not_needed", lacks_response_role: false, inspection: null, radiant_inspection: null };
}

/** Returns the confirmations that were given before `step`. */
export function confirmedBefore(step: GuideStep): Confirmable[] {
  const passed = SETUP.slice(0, SETUP.findIndex(([one]) => one === step)).flatMap(([, , missing]) => missing);
  return (Object.keys(CONFIRMATIONS) as Confirmable[]).filter((what) => passed.includes(CONFIRMATIONS[what][1]));
}

/** Begins to replace the token of a finished connection. */
export function beginReplacement(view: ConnectionView, at: string): void {
  if (view.setup.replacement) return;
  const about: Confirmable[] = ["token_created", "owner_is_service_account", "owner_is_person", "credential_added"];
  view.setup = { ...view.setup, step: "create_token", replacement: at, arrival: null, confirmed: view.setup.confirmed.filter((one) => !about.includes(one.what)) };
  setMissing(view.guide, "create_token", "token_created", true);
  setMissing(view.guide, "paste_token", "token", true);
  setMissing(view.guide, "credential", "credential", true);
  for (const step of ["create_token", "paste_token", "credential"] as const) changeStep(view.guide, step, { mark: "open" });
  changeStep(view.guide, "arrival", { mark: "unverified" });
}

export function goToSetupStep(view: ConnectionView, to: GuideStep): void {
  view.setup.step = to;
  view.guide.steps = pass(view.guide.steps, SETUP, to);
}

/** Follows a confirmation that was given or taken back. */
export function followConfirmation({ guide }: ConnectionView, what: Confirmable, yes: boolean): void {
  const [step, item] = CONFIRMATIONS[what];
  setMissing(guide, step, item, !yes);
  if (item === "owner") guide.owner_decision = yes ? "made" : "open";
}

/** Follows the acceptance of the proxy before Okta or Radiant. */
export function followAcceptance(view: ConnectionView, check: CheckId, accepted: AcceptedIssuer | null): void {
  const kept = (view.setup.accepted_issuers ?? []).filter((one) => one.host !== accepted?.host);
  view.setup.accepted_issuers = accepted ? [...kept, accepted] : [];
  if (check === "radiant_tls") view.guide.radiant_inspection = null;
  else {
    view.guide.inspection = null;
    setMissing(view.guide, "paste_token", "tls", !accepted);
  }
}

/** Returns the steps of a rotation at `step`, with everything before it passed. */
export function rotationGuideAt(step: RotationStep): RotationView {
  return { may_begin: true, current: step, steps: stepsAt(ROTATION, step), proof: null };
}

export function passRotationTo({ rotation_guide: guide }: ConnectionView, to: RotationStep): void {
  guide.current = to;
  guide.steps = pass(guide.steps, ROTATION, to);
}
