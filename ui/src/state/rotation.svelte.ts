/** The rotation of an API token. The app stores the progress and which token is in use. */
import { channel, commands } from "../host/commands";
import { type ConnectionView, type Keep, type MissingItem, NEW_TOKEN_CHECKS, type Problem, type Rotation, type RotationStep, type StepView } from "../host/model";
import type { App } from "./app.svelte";
import { ArrivalProbe } from "./arrival_probe.svelte";
import { Checks } from "./checks.svelte";
import { hasSecret } from "./connection_facts";
import { StepGuide } from "./step_guide.svelte";
import { canCheck } from "./usable_checks";

/** The rotation of one connection's token. */
export class RotationGuide extends StepGuide<RotationStep> {
  readonly newChecks: Checks;
  readonly arrival: ArrivalProbe;
  /** The watch for an event newer than the end of the rotation. */
  readonly finalArrival: ArrivalProbe;

  constructor(app: App, id: string, initial: ConnectionView) {
    super(app, id, initial);
    this.newChecks = new Checks(app, id, { report: (view) => view.rotation?.report ?? null, run: (_, onProgress) => commands.checkNewToken(id, channel(onProgress)) });
    this.arrival = new ArrivalProbe(app, id, (onTick) => commands.watchRotation(id, channel(onTick)));
    this.finalArrival = new ArrivalProbe(app, id, (onTick) => commands.watchAfterRotation(id, channel(onTick)));
  }

  get rotation(): Rotation | null {
    return this.view.rotation;
  }

  get steps(): readonly StepView<RotationStep>[] {
    return this.view.rotation_guide.steps;
  }

  get step(): RotationStep {
    return this.view.rotation_guide.current;
  }

  protected storeStep(step: RotationStep): Promise<ConnectionView> {
    return commands.goToRotationStep(this.id, step);
  }

  protected override fieldOf(what: MissingItem): string {
    return what === "token" ? "new-token" : what === "owner" ? "other-owner" : super.fieldOf(what);
  }

  /** What the app stores instead of the token, where the new token only passes through; `null` where the two tokens are switched. */
  get passThrough(): Exclude<Keep, "token"> | null {
    const { keep } = this.view.connection;
    return this.rotation?.pass_through && keep !== "token" ? keep : null;
  }

  /** Whether both sides can be compared after the end: the tokens that this app uses are stored. */
  get canWatchEnd(): boolean {
    return canCheck(this.view) && hasSecret(this.view, "radiant_search_token");
  }

  /** Whether a new token is stored beside the old one. */
  get hasNew(): boolean {
    return hasSecret(this.view, "next_okta_token");
  }

  override async goTo(step: RotationStep): Promise<void> {
    if (this.newChecks.running) await this.newChecks.cancel();
    await this.arrival.stop();
    await super.goTo(step);
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
    await this.change("check", () => commands.oldTokenRevoked(this.id));
  }

  /** Confirms that the old token is revoked, where the app cannot check it. */
  async confirmRevoked(): Promise<void> {
    await this.change("confirm", () => commands.confirmOldTokenRevoked(this.id));
  }

  async storePracticeOldToken(): Promise<void> {
    await this.change("practice", () => commands.practiceOldToken(this.id));
  }

  async cancel(): Promise<boolean> {
    await this.arrival.stop();
    return this.change("cancel", () => commands.cancelRotation(this.id));
  }
}
