/**
 * The guide for another API token: going on and back, what is missing, who is asked. The host keeps where it stands and which token
 * is in use; nothing here outlives the window.
 */
import type { CheckId, ConnectionView, Keep, Problem, Revoked, Rotation, RotationStep } from "../host/model";
import type { App } from "./app.svelte";
import { ArrivalWatch } from "./arrival_probe.svelte";
import { Checks } from "./checks.svelte";
import { Guide } from "./guide.svelte";
import { holds, type Lack, type Mark } from "./steps";

/** The steps of the list, in order. */
export const ROTATION_STEPS = ["create", "paste", "update", "watch", "revoke"] as const satisfies readonly RotationStep[];
/** One of them. */
export type ListedStep = (typeof ROTATION_STEPS)[number];

/** What is asked with the new token. */
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

/** Checks that must not fail with it; the app itself decides by the same list. */
const OF_THE_TOKEN: readonly CheckId[] = ["domain", "tls", "token", "owner", "system_log", "users", "zones", "capabilities"];

/** What `step` still lacks. */
export function rotationLacks(view: ConnectionView, step: ListedStep): Lack[] {
  const rotation = view.rotation;
  if (step === "update" && !rotation?.updated) return [{ field: "credential-updated", what: "credential_updated" }];
  if (step !== "paste") return [];
  // A token that passes through has come to its end once Radiant has it.
  const arrived = rotation?.passing && rotation.updated;
  if (!arrived && !holds(view, "next_okta_token") && !holds(view, "previous_okta_token")) return [{ field: "new-token", what: "token" }];
  const report = rotation?.report;
  if (!report) return [{ field: "run-checks", what: "checks" }];
  const token = report.rows.find((row) => row.check === "token");
  if (token?.outcome !== "passed") return [{ field: "run-checks", what: "token_not_accepted" }];
  if (report.rows.some((row) => OF_THE_TOKEN.includes(row.check) && row.outcome === "failed")) return [{ field: "run-checks", what: "token_lesser" }];
  if (!rotation.owners) return [{ field: "run-checks", what: "checks" }];
  return rotation.owners.same === false && !rotation.other_owner ? [{ field: "other-owner", what: "owner" }] : [];
}

/** Whether the guide can be opened: set-up is done, and where the token is to be kept here, it is. */
export function canRotate(view: ConnectionView): boolean {
  return view.setup.finished !== null && (view.connection.keep !== "token" || holds(view, "okta_token"));
}

/** How it is known what became of the old token: seen by the app, said by somebody, or neither. */
export function knownBy(revoked: Revoked): "verified" | "confirmed" | null {
  if (revoked === "by_word") return "confirmed";
  return revoked === "not_yet" || revoked === "in_console" ? null : "verified";
}

/** How far a listed step is. */
export function rotationMark(view: ConnectionView, step: ListedStep): Mark {
  const rotation = view.rotation;
  const past = ROTATION_STEPS.indexOf(step) < ROTATION_STEPS.indexOf(stepOf(rotation));
  if (step === "watch") return rotation?.found ? "verified" : past ? "unverified" : "open";
  if (step === "update") return rotation?.updated ? "confirmed" : "open";
  if (step === "paste") return rotation?.report && rotationLacks(view, "paste").length === 0 ? "verified" : "open";
  return past ? "done" : "open";
}

function stepOf(rotation: Rotation | null | undefined): ListedStep {
  const step = rotation?.step ?? "create";
  return step === "done" ? "revoke" : step;
}

/** One connection's guide for another token. */
export class Rotating extends Guide {
  readonly newChecks: Checks;
  readonly watch: ArrivalWatch;

  constructor(app: App, id: string, first: ConnectionView) {
    super(app, id, first);
    this.newChecks = new Checks(app, id, { kept: (view) => view.rotation?.report ?? null, run: (_, news) => app.host.checkNewToken(id, news) });
    this.watch = new ArrivalWatch(app, id, (tick) => app.host.watchRotation(id, tick));
  }

  get rotation(): Rotation | null {
    return this.view.rotation;
  }

  get shown(): ListedStep {
    return stepOf(this.rotation);
  }

  /** What this app keeps, where the new token only passes through; `null` where the two change places. */
  get passing(): Exclude<Keep, "token"> | null {
    const { keep } = this.view.connection;
    return this.rotation?.passing && keep !== "token" ? keep : null;
  }

  /** Whether a new token is kept beside the old one. */
  get hasNew(): boolean {
    return holds(this.view, "next_okta_token");
  }

  /** Whether the step may be jumped to: everything before it is complete. */
  reachable(step: ListedStep): boolean {
    return ROTATION_STEPS.slice(0, ROTATION_STEPS.indexOf(step)).every((earlier) => rotationLacks(this.view, earlier).length === 0);
  }

  override get missing(): Lack[] {
    const lacking = rotationLacks(this.view, this.shown).map((one) => one.what);
    return this.held.filter((one) => lacking.includes(one.what));
  }

  override async next(): Promise<void> {
    this.held = rotationLacks(this.view, this.shown);
    const next = ROTATION_STEPS[ROTATION_STEPS.indexOf(this.shown) + 1];
    if (this.held.length === 0 && next) await this.to(next);
  }

  override async back(): Promise<void> {
    const before = ROTATION_STEPS[ROTATION_STEPS.indexOf(this.shown) - 1];
    if (before) await this.to(before);
  }

  async to(step: ListedStep): Promise<void> {
    this.held = [];
    this.copiedLink = null;
    if (this.newChecks.running) await this.newChecks.cancel();
    await this.watch.stop();
    await this.change("step", () => this.app.host.goToRotationStep(this.id, step));
  }

  async otherOwner(yes: boolean): Promise<void> {
    await this.change("owner", () => this.app.host.acceptOtherOwner(this.id, yes));
  }

  /** Notes that Radiant holds the new token; in practice this is what gives it to the practice Radiant. */
  async updated(yes: boolean): Promise<void> {
    const noted = await this.change("updated", () => this.app.host.confirmCredentialUpdated(this.id, yes));
    if (noted && yes && this.view.practice) await this.doing("practice", () => this.app.host.practiceCredential(this.id));
  }

  async practiceToken(): Promise<void> {
    if (await this.change("practice", () => this.app.host.practiceNewToken(this.id))) await this.newChecks.run(NEW_TOKEN_CHECKS);
  }

  async revoke(): Promise<Problem | null> {
    await this.change("revoke", () => this.app.host.revokeOldToken(this.id));
    const refused = this.problem;
    if (refused) await this.app.refresh(this.id);
    return refused;
  }

  async lookAgain(): Promise<void> {
    await this.change("look", () => this.app.host.oldTokenRevoked(this.id));
  }

  /** Gives the word that the old token is revoked, where the app cannot look. */
  async sayRevoked(): Promise<void> {
    await this.change("say", () => this.app.host.confirmOldTokenRevoked(this.id));
  }

  async practiceOldToken(): Promise<void> {
    await this.change("practice", () => this.app.host.practiceOldToken(this.id));
  }

  async cancel(): Promise<boolean> {
    await this.watch.stop();
    return this.change("cancel", () => this.app.host.cancelRotation(this.id));
  }
}
