/**
 * The rotation of an API token: moving between steps, what is missing, which decisions are open. The app stores the progress and
 * which token is in use; nothing here outlives the window.
 */
import { channel, commands } from "../host/commands";
import type { CheckId, ConnectionView, Keep, Problem, RevocationStatus, Rotation, RotationStep } from "../host/model";
import type { App } from "./app.svelte";
import { ArrivalProbe } from "./arrival_probe.svelte";
import { Checks } from "./checks.svelte";
import { hasSecret } from "./connection_facts";
import { Guide } from "./guide.svelte";
import type { Mark, Missing } from "./steps";

/** The steps in the list, in order. */
export const ROTATION_STEPS = ["create", "paste", "update", "watch", "revoke"] as const satisfies readonly RotationStep[];
/** A step in the list. */
export type ListedStep = (typeof ROTATION_STEPS)[number];

/** The checks of the new token. */
export const NEW_TOKEN_CHECKS: readonly CheckId[] = [
  "domain",
  "tls",
  "clock",
  "token",
  "owner",
  "roles",
  "token_entry",
  "system_log",
  "users",
  "zones",
  "rate_limit",
  "capabilities",
];

/** The checks that must not fail with the new token; the app decides by the same list. */
const REQUIRED_CHECKS: readonly CheckId[] = ["domain", "tls", "token", "owner", "system_log", "users", "zones", "capabilities"];

/** Returns what `step` still lacks. */
export function missingInRotation(view: ConnectionView, step: ListedStep): Missing[] {
  const rotation = view.rotation;
  if (step === "update" && !rotation?.updated) return [{ field: "credential-updated", what: "credential_updated" }];
  if (step !== "paste") return [];
  // A token that only passes through is no longer needed once Radiant has it.
  const arrived = rotation?.passing && rotation.updated;
  if (!arrived && !hasSecret(view, "next_okta_token") && !hasSecret(view, "previous_okta_token")) return [{ field: "new-token", what: "token" }];
  const report = rotation?.report;
  if (!report) return [{ field: "run-checks", what: "checks" }];
  const token = report.rows.find((row) => row.check === "token");
  if (token?.outcome !== "passed") return [{ field: "run-checks", what: "token_not_accepted" }];
  if (report.rows.some((row) => REQUIRED_CHECKS.includes(row.check) && row.outcome === "failed")) return [{ field: "run-checks", what: "token_lesser" }];
  if (!rotation.owners) return [{ field: "run-checks", what: "checks" }];
  return rotation.owners.same === false && !rotation.other_owner ? [{ field: "other-owner", what: "owner" }] : [];
}

/** Whether the rotation can start: set-up is finished, and the token is stored if it is meant to be. */
export function canRotate(view: ConnectionView): boolean {
  return view.setup.finished !== null && (view.connection.keep !== "token" || hasSecret(view, "okta_token"));
}

/** How the result of the old token is known: verified by the app, confirmed by a person, or neither. */
export function evidenceOf(revoked: RevocationStatus): "verified" | "confirmed" | null {
  if (revoked === "by_word") return "confirmed";
  return revoked === "not_yet" || revoked === "in_console" ? null : "verified";
}

/** Returns how far a step is. */
export function rotationMark(view: ConnectionView, step: ListedStep): Mark {
  const rotation = view.rotation;
  const isPast = ROTATION_STEPS.indexOf(step) < ROTATION_STEPS.indexOf(stepOf(rotation));
  if (step === "watch") return rotation?.found ? "verified" : isPast ? "unverified" : "open";
  if (step === "update") return rotation?.updated ? "confirmed" : "open";
  if (step === "paste") return rotation?.report && missingInRotation(view, "paste").length === 0 ? "verified" : "open";
  return isPast ? "done" : "open";
}

function stepOf(rotation: Rotation | null | undefined): ListedStep {
  const step = rotation?.step ?? "create";
  return step === "done" ? "revoke" : step;
}

/** The rotation of one connection's token. */
export class RotationGuide extends Guide {
  readonly newChecks: Checks;
  readonly arrival: ArrivalProbe;

  constructor(app: App, id: string, first: ConnectionView) {
    super(app, id, first);
    this.newChecks = new Checks(app, id, { report: (view) => view.rotation?.report ?? null, run: (_, onProgress) => commands.checkNewToken(id, channel(onProgress)) });
    this.arrival = new ArrivalProbe(app, id, (onTick) => commands.watchRotation(id, channel(onTick)));
  }

  get rotation(): Rotation | null {
    return this.view.rotation;
  }

  get currentStep(): ListedStep {
    return stepOf(this.rotation);
  }

  /** What the app stores instead of the token, where the new token only passes through; `null` where the two tokens are switched. */
  get passThrough(): Exclude<Keep, "token"> | null {
    const { keep } = this.view.connection;
    return this.rotation?.passing && keep !== "token" ? keep : null;
  }

  /** Whether a new token is stored beside the old one. */
  get hasNew(): boolean {
    return hasSecret(this.view, "next_okta_token");
  }

  /** Whether the step may be jumped to: everything before it is complete. */
  isReachable(step: ListedStep): boolean {
    return ROTATION_STEPS.slice(0, ROTATION_STEPS.indexOf(step)).every((earlier) => missingInRotation(this.view, earlier).length === 0);
  }

  override get missing(): Missing[] {
    const stillMissing = missingInRotation(this.view, this.currentStep).map((one) => one.what);
    return this.reported.filter((one) => stillMissing.includes(one.what));
  }

  override async next(): Promise<void> {
    this.reported = missingInRotation(this.view, this.currentStep);
    const next = ROTATION_STEPS[ROTATION_STEPS.indexOf(this.currentStep) + 1];
    if (this.reported.length === 0 && next) await this.goToStep(next);
  }

  override async back(): Promise<void> {
    const previous = ROTATION_STEPS[ROTATION_STEPS.indexOf(this.currentStep) - 1];
    if (previous) await this.goToStep(previous);
  }

  async goToStep(step: ListedStep): Promise<void> {
    this.reported = [];
    this.copiedLink = null;
    if (this.newChecks.running) await this.newChecks.cancel();
    await this.arrival.stop();
    await this.change("step", () => commands.goToRotationStep(this.id, step));
  }

  async acceptOtherOwner(yes: boolean): Promise<void> {
    await this.change("owner", () => commands.acceptOtherOwner(this.id, yes));
  }

  /** Confirms that Radiant has the new token; in practice this gives it to the practice Radiant. */
  async confirmUpdated(yes: boolean): Promise<void> {
    const confirmed = await this.change("updated", () => commands.confirmCredentialUpdated(this.id, yes));
    if (confirmed && yes && this.view.practice) await this.run("practice", () => commands.practiceCredential(this.id));
  }

  async storePracticeToken(): Promise<void> {
    if (await this.change("practice", () => commands.practiceNewToken(this.id))) await this.newChecks.run(NEW_TOKEN_CHECKS);
  }

  async revoke(): Promise<Problem | null> {
    await this.change("revoke", () => commands.revokeOldToken(this.id));
    const refused = this.problem;
    if (refused) await this.app.reload(this.id);
    return refused;
  }

  async checkRevoked(): Promise<void> {
    await this.change("look", () => commands.oldTokenRevoked(this.id));
  }

  /** Confirms that the old token is revoked, where the app cannot check it. */
  async confirmRevoked(): Promise<void> {
    await this.change("say", () => commands.confirmOldTokenRevoked(this.id));
  }

  async storePracticeOldToken(): Promise<void> {
    await this.change("practice", () => commands.practiceOldToken(this.id));
  }

  async cancel(): Promise<boolean> {
    await this.arrival.stop();
    return this.change("cancel", () => commands.cancelRotation(this.id));
  }
}
