/**
 * The guide of one connection: going on and back, what is missing, what was confirmed. Progress is kept by the host after every
 * change; nothing here outlives the window, and the pasted token passes through without being kept.
 */
import { problemOf } from "../host/problem";
import type { Confirmable, ConnectionView, CopyWhat, Keep, LinkTo, Problem, Profile, SecretName, SetupStep } from "../host/model";
import type { App } from "./app.svelte";
import { Checks } from "./checks.svelte";
import { Clipboard } from "./clipboard.svelte";
import { DomainEntry } from "./domain_entry.svelte";
import { lacks, neighbour, type Lack } from "./steps";
import { Turns } from "./serial_queue";

/** One connection's guide. */
export class Guide {
  /** What Continue found missing, as it was pressed last. */
  held = $state.raw<readonly Lack[]>([]);
  problem = $state.raw<Problem | null>(null);
  busy = $state<string | null>(null);
  /** What was being done when the problem came. */
  failed = $state<string | null>(null);
  /** The link whose address was copied last, and the address. */
  copiedLink = $state.raw<{ to: LinkTo["to"]; address: string } | null>(null);
  readonly checks: Checks;
  readonly clipboard: Clipboard;
  readonly domain: DomainEntry;
  /** Answers of the administrator, kept in the order they were given. */
  private readonly answers = new Turns();

  constructor(
    readonly app: App,
    readonly id: string,
    protected readonly first: ConnectionView,
  ) {
    this.checks = new Checks(app, id);
    this.clipboard = new Clipboard(app.host, id);
    this.domain = new DomainEntry(app.host, id, first.setup.typed_domain || (first.okta_url ?? ""));
  }

  get view(): ConnectionView {
    return this.app.view(this.id) ?? this.first;
  }

  get step(): SetupStep {
    return this.view.setup.step;
  }

  /** What is missing still of what Continue found: a thing that was mended, wherever, is no longer held against the step. */
  get missing(): Lack[] {
    const lacking = lacks(this.view, this.step)
      .map((one) => one.what)
      // The answer held against the token may be another by now.
      .filter((what) => !this.checks.running || (what !== "token_not_accepted" && what !== "checks"));
    return this.held.filter((one) => lacking.includes(one.what) || (one.what === "domain" && this.domain.refused));
  }

  /** The problem that is told at the top of the step. What was wrong with a pasted token is told at its field. */
  get problemAbove(): Problem | null {
    return this.failed === "store" ? null : this.problem;
  }

  /** What was wrong with the token that was pasted last. */
  get problemAtField(): Problem | null {
    return this.failed === "store" ? this.problem : null;
  }

  /** What the missing field `field` lacks, when Continue was pressed too early. */
  lack(field: string): Lack | undefined {
    return this.missing.find((one) => one.field === field);
  }

  /** Goes on, or says what is missing. */
  async next(): Promise<void> {
    if (this.step === "domain" && !this.view.practice && this.domain.differsFrom(this.view.okta_url)) {
      await this.saveDomain();
      if (this.domain.refused) this.held = [{ field: "okta-domain", what: "domain" }];
      if (this.domain.refused || this.problem) return;
    }
    this.held = lacks(this.view, this.step);
    const next = neighbour(this.step, 1);
    if (this.held.length === 0 && next) await this.goTo(next);
  }

  async back(): Promise<void> {
    const before = neighbour(this.step, -1);
    if (before) await this.goTo(before);
  }

  async goTo(step: SetupStep): Promise<void> {
    this.held = [];
    this.copiedLink = null;
    await this.change("step", () => this.app.host.goToStep(this.id, step));
  }

  private async saveDomain(): Promise<void> {
    if (!this.domain.usable) {
      this.domain.insist();
      return;
    }
    await this.change("domain", () => this.app.host.setDomain(this.id, this.domain.typed));
  }

  async confirm(what: Confirmable, yes: boolean): Promise<boolean> {
    return this.change(what, () => this.answers.take(() => this.app.host.confirm(this.id, what, yes)));
  }

  async profile(profile: Profile): Promise<void> {
    await this.change("profile", () => this.answers.take(() => this.app.host.setProfile(this.id, profile)));
  }

  async names(tokenName: string, credentialName: string): Promise<void> {
    await this.change("names", () => this.app.host.setNames(this.id, tokenName, credentialName));
  }

  /** Hands a pasted secret inward. It is not kept here. */
  async store(name: SecretName, value: string, thisRunOnly: boolean): Promise<boolean> {
    return this.change("store", () => this.app.host.storeSecret(this.id, name, value, thisRunOnly));
  }

  /** Puts away what went wrong, when the reader went on to something else. */
  putAway(): void {
    this.problem = null;
    this.failed = null;
  }

  async forget(name: SecretName): Promise<void> {
    await this.change("forget", () => this.app.host.forgetSecret(this.id, name));
  }

  async finish(keep: Keep, launchAtLogin: boolean): Promise<void> {
    const done = await this.change("finish", () => this.app.host.finishSetup(this.id, keep, launchAtLogin));
    if (done) this.app.open({ name: "overview" });
  }

  async copy(what: CopyWhat): Promise<void> {
    await this.doing("copy", () => (what === "api_token" ? this.clipboard.copyToken() : this.clipboard.copy(what)));
  }

  async openLink(link: LinkTo): Promise<void> {
    await this.doing("link", () => this.app.host.openLink(this.id, link));
  }

  async copyLink(link: LinkTo): Promise<void> {
    await this.doing("link", async () => {
      this.copiedLink = { to: link.to, address: await this.app.host.copyLink(this.id, link) };
    });
  }

  /** Does one thing that answers with the newer connection. Tells whether it worked. */
  async change(name: string, work: () => Promise<ConnectionView>): Promise<boolean> {
    return this.doing(name, async () => this.app.keep(await work()));
  }

  /** Does one thing, keeping the problem when it does not work. Tells whether it worked. */
  async doing(name: string, work: () => Promise<unknown>): Promise<boolean> {
    this.busy = name;
    this.problem = null;
    this.failed = null;
    try {
      await work();
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
