/**
 * The part that the set-up guide and the rotation share: moving between the steps that the app reports, and what is missing for Continue.
 * Nothing here outlives the window, and a pasted secret is not stored here.
 */
import { commands } from "../host/commands";
import type { ConnectionView, CopyItem, GuideStep, LinkTarget, MissingItem, Problem, RotationStep, SecretName, StepView } from "../host/model";
import type { App } from "./app.svelte";
import { Clipboard } from "./clipboard.svelte";
import { OperationRunner } from "./operation_runner.svelte";

/** Something that is missing, and the form field to go to. */
export type Missing = { field: string; what: MissingItem };

const FIELDS: Record<MissingItem, string> = {
  service_account: "has-service-account",
  radiant_admin: "has-radiant-admin",
  domain: "okta-domain",
  token_created: "token-created",
  token: "api-token",
  checks: "run-checks",
  token_not_accepted: "run-checks",
  token_lesser: "run-checks",
  credential_updated: "credential-updated",
  tls: "tls-decision",
  owner: "owner-service",
  credential: "credential-added",
  data_connector: "data-connector-added",
  action_connector: "action-connector-added",
};

/** A guide of one connection. */
export abstract class StepGuide<Step extends GuideStep | RotationStep = GuideStep | RotationStep> extends OperationRunner {
  /** What was missing when Continue was pressed last. */
  reported = $state.raw<readonly MissingItem[]>([]);
  /** The link whose address was copied last, and the address. */
  copiedLink = $state.raw<{ to: LinkTarget["to"]; address: string } | null>(null);
  /** The link that was opened or copied last; a problem with it is shown beside it. */
  private usedLink = $state.raw<LinkTarget["to"] | null>(null);
  readonly clipboard: Clipboard;

  constructor(
    readonly app: App,
    readonly id: string,
    private readonly initial: ConnectionView,
  ) {
    super();
    this.clipboard = new Clipboard(id);
  }

  /** The steps with their marks and what each lacks, as the app reports them. */
  abstract get steps(): readonly StepView<Step>[];
  abstract get step(): Step;
  protected abstract storeStep(step: Step): Promise<ConnectionView>;

  get view(): ConnectionView {
    return this.app.view(this.id) ?? this.initial;
  }

  protected get missingNow(): readonly MissingItem[] {
    return this.steps.find((one) => one.step === this.step)?.missing ?? [];
  }

  /** The part of `reported` that is still missing: what was fixed meanwhile, wherever, is no longer listed. */
  get missing(): Missing[] {
    return this.reported.filter((what) => this.missingNow.includes(what)).map((what) => ({ field: this.fieldOf(what), what }));
  }

  protected fieldOf(what: MissingItem): string {
    return FIELDS[what];
  }

  /** What is missing at `field`, when Continue was pressed too early. */
  missingAt(field: string): Missing | undefined {
    return this.missing.find((one) => one.field === field);
  }

  /** The problem shown at the top of the step. One with a pasted token or a link is shown at its field or button instead. */
  get stepProblem(): Problem | null {
    return this.failed === "store" || this.failed === "link" ? null : this.problem;
  }

  /** The problem of opening or copying this link last. */
  linkProblem(link: LinkTarget): Problem | null {
    return this.failed === "link" && this.usedLink === link.to ? this.problem : null;
  }

  /** The problem with the token that was pasted last. */
  get tokenProblem(): Problem | null {
    return this.failed === "store" ? this.problem : null;
  }

  /** Goes to the next step, or reports what is missing. */
  async next(): Promise<void> {
    this.reported = [...this.missingNow];
    if (this.reported.length === 0) await this.goBy(1);
  }

  async back(): Promise<void> {
    await this.goBy(-1);
  }

  private async goBy(by: 1 | -1): Promise<void> {
    let index = this.steps.findIndex((one) => one.step === this.step) + by;
    for (let step = this.steps[index]; step && this.isPassed(step.step); step = this.steps[index]) index += by;
    const neighbor = this.steps[index];
    if (neighbor) await this.goTo(neighbor.step);
  }

  /** Whether Back and Continue pass a step. */
  protected isPassed(_step: Step): boolean {
    return false;
  }

  async goTo(step: Step): Promise<void> {
    this.reported = [];
    this.copiedLink = null;
    await this.change("step", () => this.storeStep(step));
  }

  /** Sends a pasted secret to the app. It is not stored here. */
  async storeSecret(name: SecretName, value: string, thisRunOnly: boolean): Promise<boolean> {
    return this.change("store", () => commands.storeSecret(this.id, name, value, thisRunOnly));
  }

  async forgetSecret(name: SecretName): Promise<void> {
    await this.change("forget", () => commands.forgetSecret(this.id, name));
  }

  async copy(what: CopyItem): Promise<void> {
    await this.run("copy", () => (what === "api_token" ? this.clipboard.copyToken() : this.clipboard.copy(what)));
  }

  async openLink(link: LinkTarget): Promise<void> {
    this.usedLink = link.to;
    await this.run("link", () => commands.openLink(this.id, link));
  }

  async copyLink(link: LinkTarget): Promise<void> {
    this.usedLink = link.to;
    await this.run("link", async () => {
      this.copiedLink = { to: link.to, address: await commands.copyLink(this.id, link) };
    });
  }

  /** Runs a command that answers with the newer view. Returns whether it succeeded. */
  async change(name: string, command: () => Promise<ConnectionView>): Promise<boolean> {
    return this.run(name, async () => this.app.updateView(await command()));
  }
}
