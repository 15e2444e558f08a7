/**
 * The set-up guide of one connection: moving between steps, what is missing, what was confirmed. The app stores the progress after
 * every change; nothing here outlives the window, and a pasted token is passed on without being stored.
 */
import { commands } from "../host/commands";
import type { Confirmable, ConnectionView, CopyItem, Keep, LinkTarget, Problem, Profile, SecretName, GuideStep } from "../host/model";
import { problemOf } from "../host/problem";
import type { App } from "./app.svelte";
import { Checks } from "./checks.svelte";
import { Clipboard } from "./clipboard.svelte";
import { DomainEntry } from "./domain_entry.svelte";
import { SerialQueue } from "./serial_queue";
import { type Missing, missingIn, neighbor } from "./steps";

/** One connection's guide. */
export class Guide {
  /** What was missing when Continue was pressed last. */
  reported = $state.raw<readonly Missing[]>([]);
  problem = $state.raw<Problem | null>(null);
  busy = $state<string | null>(null);
  /** The name of the action that failed with `problem`. */
  failed = $state<string | null>(null);
  /** The link whose address was copied last, and the address. */
  copiedLink = $state.raw<{ to: LinkTarget["to"]; address: string } | null>(null);
  readonly checks: Checks;
  readonly clipboard: Clipboard;
  readonly domain: DomainEntry;
  /** Sends the administrator's answers in the order they were given. */
  private readonly answers = new SerialQueue();

  constructor(
    readonly app: App,
    readonly id: string,
    protected readonly first: ConnectionView,
  ) {
    this.checks = new Checks(app, id);
    this.clipboard = new Clipboard(id);
    this.domain = new DomainEntry(id, first.setup.typed_domain || (first.okta_url ?? ""));
  }

  get view(): ConnectionView {
    return this.app.view(this.id) ?? this.first;
  }

  get step(): GuideStep {
    return this.view.setup.step;
  }

  /** The part of `reported` that is still missing: what was fixed meanwhile, wherever, is no longer listed. */
  get missing(): Missing[] {
    const stillMissing = missingIn(this.view, this.step)
      .map((one) => one.what)
      // A run in progress may change the answer about the token.
      .filter((what) => !this.checks.running || (what !== "token_not_accepted" && what !== "checks"));
    return this.reported.filter((one) => stillMissing.includes(one.what) || (one.what === "domain" && this.domain.refused));
  }

  /** The problem shown at the top of the step. A problem with a pasted token is shown at its field instead. */
  get stepProblem(): Problem | null {
    return this.failed === "store" ? null : this.problem;
  }

  /** The problem with the token that was pasted last. */
  get tokenProblem(): Problem | null {
    return this.failed === "store" ? this.problem : null;
  }

  /** What is missing at `field`, when Continue was pressed too early. */
  missingAt(field: string): Missing | undefined {
    return this.missing.find((one) => one.field === field);
  }

  /** Goes to the next step, or reports what is missing. */
  async next(): Promise<void> {
    if (this.step === "domain" && !this.view.practice && this.domain.differsFrom(this.view.okta_url)) {
      await this.saveDomain();
      if (this.domain.refused) this.reported = [{ field: "okta-domain", what: "domain" }];
      if (this.domain.refused || this.problem) return;
    }
    this.reported = missingIn(this.view, this.step);
    const next = neighbor(this.step, 1);
    if (this.reported.length === 0 && next) await this.goTo(next);
  }

  async back(): Promise<void> {
    const previous = neighbor(this.step, -1);
    if (previous) await this.goTo(previous);
  }

  async goTo(step: GuideStep): Promise<void> {
    this.reported = [];
    this.copiedLink = null;
    await this.change("step", () => commands.goToStep(this.id, step));
  }

  private async saveDomain(): Promise<void> {
    if (!this.domain.isUsable) {
      this.domain.refuse();
      return;
    }
    await this.change("domain", () => commands.setDomain(this.id, this.domain.typed));
  }

  async confirm(what: Confirmable, yes: boolean): Promise<boolean> {
    return this.change(what, () => this.answers.enqueue(() => commands.confirm(this.id, what, yes)));
  }

  async setProfile(profile: Profile): Promise<void> {
    await this.change("profile", () => this.answers.enqueue(() => commands.setProfile(this.id, profile)));
  }

  /** Sends a pasted secret to the app. It is not kept here. */
  async storeSecret(name: SecretName, value: string, thisRunOnly: boolean): Promise<boolean> {
    return this.change("store", () => commands.storeSecret(this.id, name, value, thisRunOnly));
  }

  /** Removes the shown problem, once the person goes on to something else. */
  dismiss(): void {
    this.problem = null;
    this.failed = null;
  }

  async forgetSecret(name: SecretName): Promise<void> {
    await this.change("forget", () => commands.forgetSecret(this.id, name));
  }

  async finish(keep: Keep, launchAtLogin: boolean): Promise<void> {
    const finished = await this.change("finish", () => commands.finishSetup(this.id, keep, launchAtLogin));
    if (finished) this.app.open({ name: "overview" });
  }

  async copy(what: CopyItem): Promise<void> {
    await this.run("copy", () => (what === "api_token" ? this.clipboard.copyToken() : this.clipboard.copy(what)));
  }

  async openLink(link: LinkTarget): Promise<void> {
    await this.run("link", () => commands.openLink(this.id, link));
  }

  async copyLink(link: LinkTarget): Promise<void> {
    await this.run("link", async () => {
      this.copiedLink = { to: link.to, address: await commands.copyLink(this.id, link) };
    });
  }

  /** Runs a command that answers with the newer view. Returns whether it succeeded. */
  async change(name: string, command: () => Promise<ConnectionView>): Promise<boolean> {
    return this.run(name, async () => this.app.updateView(await command()));
  }

  /** Runs one action and keeps its problem. Returns whether it succeeded. */
  async run(name: string, action: () => Promise<unknown>): Promise<boolean> {
    this.busy = name;
    this.problem = null;
    this.failed = null;
    try {
      await action();
      return true;
    } catch (thrown) {
      this.failed = name;
      this.problem = problemOf(thrown);
      return false;
    } finally {
      this.busy = null;
    }
  }
}
