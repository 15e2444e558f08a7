/** The set-up guide of one connection. The app stores the progress after every change. */
import { commands } from "../host/commands";
import type { Confirmable, ConnectionView, GuideStep, Keep, MissingItem, Profile, StepView } from "../host/model";
import type { App } from "./app.svelte";
import { Checks } from "./checks.svelte";
import { DomainEntry } from "./domain_entry.svelte";
import { SerialQueue } from "./optimistic_value";
import { type Missing, StepGuide } from "./step_guide.svelte";

/** One connection's guide. */
export class Guide extends StepGuide<GuideStep> {
  readonly checks: Checks;
  readonly domain: DomainEntry;
  /** Sends the administrator's answers in the order they were given. */
  private readonly answers = new SerialQueue();

  constructor(app: App, id: string, initial: ConnectionView) {
    super(app, id, initial);
    this.checks = new Checks(app, id);
    this.domain = new DomainEntry(id, initial.setup.typed_domain || (initial.okta_url ?? ""));
  }

  get steps(): readonly StepView<GuideStep>[] {
    return this.view.guide.steps;
  }

  get step(): GuideStep {
    return this.view.setup.step;
  }

  /** Whether a token that no longer works is being replaced. */
  get replacing(): boolean {
    return !!this.view.setup.replacement;
  }

  /** A new token changes no connector, so that a replacement does not stop at their steps. */
  protected override isPassed(step: GuideStep): boolean {
    return this.replacing && (step === "data_connector" || step === "action_connector") && this.steps.find((one) => one.step === step)?.missing.length === 0;
  }

  protected storeStep(step: GuideStep): Promise<ConnectionView> {
    return commands.goToStep(this.id, step);
  }

  protected override get missingNow(): readonly MissingItem[] {
    return this.step === "domain" && this.domain.refused ? ["domain"] : super.missingNow;
  }

  /** The missing items without those that a run in progress may still resolve. */
  override get missing(): Missing[] {
    return super.missing.filter(({ what }) => !this.checks.running || (what !== "token_not_accepted" && what !== "checks"));
  }

  override async next(): Promise<void> {
    if (this.step === "domain" && !this.view.practice && this.domain.differsFrom(this.view.okta_url)) {
      await this.saveDomain();
      if (this.problem) return;
    }
    await super.next();
  }

  private async saveDomain(): Promise<void> {
    if (this.domain.isUsable) await this.change("domain", () => commands.setDomain(this.id, this.domain.typed));
    else this.domain.refuse();
  }

  async confirm(what: Confirmable, yes: boolean): Promise<boolean> {
    return this.change(what, () => this.answers.enqueue(() => commands.confirm(this.id, what, yes)));
  }

  async setProfile(profile: Profile): Promise<void> {
    await this.change("profile", () => this.answers.enqueue(() => commands.setProfile(this.id, profile)));
  }

  async finish(keep: Keep, launchAtLogin: boolean): Promise<void> {
    const finished = await this.change("finish", () => commands.finishSetup(this.id, keep, launchAtLogin));
    if (finished) this.app.open({ name: "finished", id: this.id });
  }
}
