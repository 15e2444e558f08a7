/** Rotations in the fake app: what the app stores after each step, and example views at each step. */
import type { ConnectionView, Keep, MissingItem, RevocationProof, RevocationStatus, Rotation, RotationStep, SecretName } from "../model";
import { ARRIVAL, finishedView, keepSecret, NOW, report } from "./connection_views";
import { changeStep, passRotationTo, rotationGuideAt, setMissing } from "./guide_views";

const CONFIRMED = { at: NOW, by: "jo" };

/** Starts a rotation. */
export function beginRotation(view: ConnectionView): Rotation {
  view.rotation_guide = rotationGuideAt("create");
  view.rotation = {
    step: "create",
    since: NOW,
    pass_through: view.connection.keep !== "token",
    token_name: "Radiant Security API Token 2026-03",
    old_name: "Radiant Security API Token",
    report: null,
    owners: null,
    other_owner: null,
    updated: null,
    updated_by_okta: null,
    found: null,
    pasted: null,
    revocation_sent: null,
    revoked: "not_yet",
    attestation: null,
    finished: null,
    found_after_end: null,
  };
  return view.rotation;
}

/** Stores the result of the checks of the new token, and what the step still lacks. */
export function storeCheckResult(view: ConnectionView, ...missing: MissingItem[]): void {
  const { rotation } = view;
  if (!rotation) return;
  changeStep(view.rotation_guide, "paste", { missing });
  rotation.report = report();
  const old = rotation.pass_through ? null : "svc-radiant@example.com";
  rotation.owners = { new: "svc-radiant@example.com", old, same: old ? true : null };
}

/** Stores or removes a confirmation, and with it what a step lacks. */
export function attest(view: ConnectionView, field: "other_owner" | "updated", step: RotationStep, item: MissingItem, yes: boolean): void {
  if (view.rotation) view.rotation[field] = yes ? CONFIRMED : null;
  setMissing(view.rotation_guide, step, item, !yes);
}

/** Marks the old token as pasted for the last step. */
export function pasteOldToken(view: ConnectionView): void {
  keepSecret(view, "previous_okta_token", true);
  if (view.rotation) view.rotation.pasted = { new: "svc-radiant@example.com", old: "svc-radiant@example.com", same: true };
}

/** Removes a secret, and with the old token its owner. */
export function forgetSecret(view: ConnectionView, name: SecretName): void {
  view.secrets = view.secrets.map((one) => (one.name === name ? { ...one, since: null, bound_to: null } : one));
  if (name === "previous_okta_token" && view.rotation) view.rotation.pasted = null;
  if (name === "next_okta_token") changeStep(view.rotation_guide, "paste", { missing: ["token"] });
}

/** Goes to a step and switches the tokens accordingly. */
export function goToStep(view: ConnectionView, to: RotationStep): void {
  if (!view.rotation) return;
  view.rotation.step = to;
  passRotationTo(view, to);
  if (view.rotation.pass_through) return;
  const switched = to === "watch" || to === "revoke";
  const has = (name: string): boolean => view.secrets.some((one) => one.name === name && one.since);
  if (switched && has("next_okta_token")) rename(view, "next_okta_token", "previous_okta_token");
  if (!switched && has("previous_okta_token")) rename(view, "previous_okta_token", "next_okta_token");
}

/** Finishes the rotation. */
export function finishRotation(view: ConnectionView, revoked: RevocationStatus, proof: RevocationProof | null): void {
  if (!view.rotation) return;
  Object.assign(view.rotation_guide, { current: "revoke", proof });
  Object.assign(view.rotation, { step: "done", revoked, attestation: revoked === "by_word" ? CONFIRMED : null, pasted: null, finished: NOW });
  view.secrets = view.secrets.filter((one) => one.name !== "next_okta_token" && one.name !== "previous_okta_token");
}

/** Cancels the rotation. */
export function cancelRotation(view: ConnectionView): void {
  if (view.rotation?.step === "watch" || view.rotation?.step === "revoke") return finishRotation(view, "not_yet", null);
  view.rotation = null;
  view.rotation_guide = rotationGuideAt("create");
  view.secrets = view.secrets.filter((one) => one.name !== "next_okta_token");
}

function rename(view: ConnectionView, from: "next_okta_token" | "previous_okta_token", to: "next_okta_token" | "previous_okta_token"): void {
  view.secrets = view.secrets.map((one) => (one.name === from ? { ...one, name: to } : one));
}

type Change = (view: ConnectionView, rotation: Rotation) => void;

/** Returns a finished connection that stores what was chosen. */
export function viewKeeping(keep: Keep): ConnectionView {
  return finishedView("c1", "acme", (view) => {
    view.connection.keep = keep;
    if (keep !== "token") view.secrets = view.secrets.filter((one) => one.name !== "okta_token" && (keep !== "nothing" || one.name !== "radiant_search_token"));
    if (keep === "monitoring_token") keepSecret(view, "monitoring_token");
    if (keep === "nothing") view.status = { ...view.status, state: "paused" };
  });
}

/** Returns a finished connection whose rotation is at `to`, with everything before it done. */
export function viewInRotation(to: RotationStep, change: Change = () => undefined, keep: Keep = "token"): ConnectionView {
  const view = viewKeeping(keep);
  const rotation = beginRotation(view);
  if (to !== "create" && to !== "paste") {
    keepSecret(view, "next_okta_token");
    storeCheckResult(view);
  }
  if (to === "watch" || to === "revoke") rotation.updated = CONFIRMED;
  goToStep(view, to);
  if (to === "revoke" && keep !== "nothing") {
    rotation.found = ARRIVAL;
    changeStep(view.rotation_guide, "watch", { mark: "verified" });
  }
  change(view, rotation);
  return view;
}

/** Returns a finished connection whose rotation is finished, with the result of the old token. */
export function viewAfterRotation(revoked: RevocationStatus, proof: RevocationProof | null): ConnectionView {
  const view = viewInRotation("revoke");
  finishRotation(view, revoked, proof);
  return view;
}
