/**
 * The response actions of one connection: token, preview, run, audit, what is blocked now, and rehearsal. The rules are the app's: it
 * decides what is refused, what has to be typed and what can be undone. This class holds what is shown and never a token.
 */
import { channel, commands } from "../host/commands";
import type {
  ActionKind,
  ActionPreview,
  ActionProgress,
  ActionRun,
  AuditFilter,
  AuditFormat,
  AuditPage,
  AuditVerification,
  BlockedNow,
  DueEnd,
  Problem,
  RehearsalReport,
  TargetResult,
  TokenForActions,
} from "../host/model";
import { problemOf } from "../host/problem";
import { timeTyped } from "./maintenance";
import { OperationRunner } from "./operation_runner.svelte";

/** The parts of the screen, in order. */
export const ACTION_PARTS = ["act", "audit", "blocked", "rehearsal"] as const;
export type ActionPart = (typeof ACTION_PARTS)[number];

/** How far an action is: its targets are typed, its preview is read, it runs, or its result is shown. */
export type ActionStage = "choose" | "preview" | "running" | "result";

/** The progress of one target of a run. */
export type TargetProgress = { label: string; parts: TargetResult["parts"]; result: TargetResult | null };

/** The entries of a page of the audit. */
const PAGE = 50;
/** How often the state of a pasted token is read, in milliseconds: it is forgotten without use. */
const TOKEN_POLL_MS = 30_000;

const NO_FILTER: AuditFilter = { kind: null, outcome: null, text: null, only_open: false };

/** Returns what people call a target: the login or the range. */
export function labelOf(target: { type: "user"; login: string } | { type: "address"; range: string }): string {
  return target.type === "user" ? target.login : target.range;
}

/** Returns whether an action is about addresses; the others are about users. */
export function isAboutAddresses(kind: ActionKind): boolean {
  return kind === "block_address" || kind === "unblock_address";
}

/** Returns the targets that were typed: one per line, or separated by commas or semicolons. */
export function typedTargets(text: string): string[] {
  return text.split(/[\n,;]/).map((one) => one.trim()).filter((one) => one !== "");
}

export class ResponseActions extends OperationRunner {
  part = $state<ActionPart>("act");
  token = $state.raw<TokenForActions | null>(null);
  stage = $state<ActionStage>("choose");
  kind = $state<ActionKind>("lock_down");
  /** The targets as they are typed. */
  typed = $state("");
  preview = $state.raw<ActionPreview | null>(null);
  /** The confirmations as they are typed, by the index of their target. */
  confirmations = $state<Record<number, string>>({});
  reason = $state("");
  ticket = $state("");
  /** The end as the field has it, in local time. */
  endsAt = $state("");
  progress = $state.raw<readonly TargetProgress[]>([]);
  /** Until when a run waits for Okta's rate limit. */
  waitingUntil = $state<string | null>(null);
  stopping = $state(false);
  result = $state.raw<ActionRun | null>(null);
  due = $state.raw<readonly DueEnd[]>([]);
  filter = $state.raw<AuditFilter>(NO_FILTER);
  audit = $state.raw<AuditPage | null>(null);
  verification = $state.raw<AuditVerification | null>(null);
  savedPath = $state<string | null>(null);
  /** Whether nothing could be found out about the entries without an outcome. */
  isUnresolved = $state(false);
  blocked = $state.raw<BlockedNow | null>(null);
  rehearsal = $state.raw<RehearsalReport | null>(null);
  /** Whether IPv6 addresses may be blocked; `null` until it was read. */
  mayBlockIpv6 = $state<boolean | null>(null);
  /** Why the audit, or what is blocked, could not be read. */
  auditProblem = $state.raw<Problem | null>(null);
  blockedProblem = $state.raw<Problem | null>(null);
  private auditRequests = 0;
  private lastPreview: (() => Promise<ActionPreview>) | null = null;

  constructor(readonly id: string) {
    super();
  }

  /** Whether there is a run or a rehearsal to return to: one under way, or a result. */
  get hasRun(): boolean {
    return this.stage === "running" || this.stage === "result" || this.busy === "rehearse" || this.rehearsal !== null;
  }

  /** Shows the run or the rehearsal again after the page was left. What was listed beside it is read again when it is opened. */
  resume(): void {
    if (this.part === "audit" || this.part === "blocked") this.part = this.stage === "choose" ? "rehearsal" : "act";
    this.audit = null;
    this.blocked = null;
    this.verification = null;
    this.isUnresolved = false;
  }

  /** Loads the token's state and what is due, and follows the token until the returned function is called. */
  start(): () => void {
    void this.loadToken();
    void this.loadDue();
    const timer = setInterval(() => void this.loadToken(), TOKEN_POLL_MS);
    return () => clearInterval(timer);
  }

  async loadToken(): Promise<void> {
    try {
      this.token = await commands.actionToken(this.id);
    } catch (thrown) {
      if (!this.token) this.problem = problemOf(thrown);
    }
  }

  /** Whether actions have a token to work with. */
  get hasToken(): boolean {
    return this.token?.state === "stored" || this.token?.state === "held";
  }

  async useToken(value: string): Promise<boolean> {
    return this.run("token", async () => {
      this.token = await commands.useActionToken(this.id, value);
    });
  }

  async forgetToken(): Promise<void> {
    await this.run("forget", async () => {
      await commands.forgetActionToken(this.id);
      this.discardPreview();
      await this.loadToken();
    });
  }

  private async loadDue(): Promise<void> {
    try {
      this.due = (await commands.dueActionEnds(this.id)).filter((one) => one.is_due);
    } catch {
      // The audit shows the problem; a reminder is not worth another one.
      this.due = [];
    }
  }

  /** Chooses an action. What was typed for users is no address, so it goes when that changes. */
  choose(kind: ActionKind): void {
    if (isAboutAddresses(kind) !== isAboutAddresses(this.kind)) this.typed = "";
    this.kind = kind;
    this.dismiss();
    if (kind === "block_address" && this.mayBlockIpv6 === null) void this.loadIpv6();
  }

  private async loadIpv6(): Promise<void> {
    await this.run("ipv6", async () => {
      this.mayBlockIpv6 = await commands.mayBlockIpv6(this.id);
    });
  }

  /** Allows or forbids the block of IPv6 addresses; the box shows what the app keeps. */
  async allowIpv6(on: boolean): Promise<void> {
    await this.run("ipv6", async () => {
      await commands.setMayBlockIpv6(this.id, on);
      this.mayBlockIpv6 = await commands.mayBlockIpv6(this.id);
    });
  }

  /** Previews the chosen action. Nothing is changed. */
  async previewTyped(): Promise<boolean> {
    return this.showPreview("preview", () => commands.previewAction({ connection: this.id, kind: this.kind, targets: typedTargets(this.typed) }));
  }

  /** Puts the chosen user in place of a text that matched several, and previews again. */
  async chooseCandidate(index: number, id: string): Promise<void> {
    const targets = this.preview?.targets.map((target, i) => (i === index ? id : target.target?.type === "user" ? target.target.id : target.typed)) ?? [];
    this.typed = targets.join("\n");
    await this.previewTyped();
  }

  /** Previews the undo of an entry of the audit. */
  async previewUndo(entry: number): Promise<boolean> {
    return this.showPreview(`undo ${entry}`, () => commands.previewUndo(this.id, entry));
  }

  /** Previews an unblock of a range that this app blocked. */
  async previewUnblock(range: string): Promise<boolean> {
    this.kind = "unblock_address";
    this.typed = range;
    return this.showPreview(`unblock ${range}`, () => commands.previewAction({ connection: this.id, kind: "unblock_address", targets: [range] }));
  }

  /** Reads an expired preview again. What was typed as confirmation is typed again, because the targets may have changed. */
  async refreshPreview(): Promise<void> {
    if (this.lastPreview) await this.showPreview("preview", this.lastPreview);
  }

  private async showPreview(name: string, load: () => Promise<ActionPreview>): Promise<boolean> {
    this.lastPreview = load;
    const shown = await this.run(name, async () => {
      this.preview = await load();
      this.kind = this.preview.kind;
      this.confirmations = {};
      this.stage = "preview";
      this.part = "act";
    });
    // The token may be gone: then the page asks for it.
    if (!shown) await this.loadToken();
    return shown;
  }

  discardPreview(): void {
    this.preview = null;
    if (this.stage === "preview") this.stage = "choose";
  }

  /** The indexes of the targets that are not refused. */
  get runnable(): number[] {
    return this.preview?.targets.flatMap((target, i) => (target.refusals.length === 0 && target.target ? [i] : [])) ?? [];
  }

  /** Whether every confirmation is typed as it has to be. */
  get confirmed(): boolean {
    return this.runnable.every((i) => this.preview?.targets[i]?.overrides.every((one) => this.confirmations[i]?.trim() === one.text) ?? true);
  }

  /** Whether the preview is no longer valid. */
  hasExpired(now: number): boolean {
    return this.preview !== null && Date.parse(this.preview.expires_at) <= now;
  }

  /** Runs the approved preview and shows its result. */
  async act(): Promise<void> {
    const { preview } = this;
    if (!preview) return;
    this.progress = this.runnable.flatMap((i) => {
      const target = preview.targets[i]?.target;
      return target ? [{ label: labelOf(target), parts: [], result: null }] : [];
    });
    this.waitingUntil = null;
    this.stopping = false;
    const typed = this.runnable.flatMap((target) => (this.confirmations[target]?.trim() ? [{ target, text: this.confirmations[target].trim() }] : []));
    const approval = { preview: preview.id, reason: this.reason.trim(), ticket: this.ticket.trim() || null, ends_at: timeTyped(this.endsAt), typed };
    this.stage = "running";
    const ran = await this.run("act", async () => {
      this.result = await commands.runAction(this.id, approval, channel((news) => this.onProgress(news)));
    });
    this.preview = null;
    if (ran) {
      this.stage = "result";
      // The next action has a reason of its own; the ticket is often the same.
      this.reason = "";
      this.endsAt = "";
      this.audit = null;
      this.blocked = null;
    } else this.stage = "choose";
    await Promise.all([this.loadToken(), this.loadDue()]);
  }

  private onProgress(news: ActionProgress): void {
    this.waitingUntil = news.type === "waiting" ? news.until : null;
    if (news.type === "part") this.updateProgress(news.index, (one) => ({ ...one, parts: [...one.parts, news.result] }));
    if (news.type === "finished") this.updateProgress(news.index, (one) => ({ ...one, result: news.result }));
  }

  private updateProgress(index: number, change: (one: TargetProgress) => TargetProgress): void {
    this.progress = this.progress.map((one, i) => (i === index ? change(one) : one));
  }

  /** Stops the run before its next target. */
  async stop(): Promise<void> {
    this.stopping = true;
    await commands.stopAction(this.id);
  }

  /** Returns to the choice of an action; the ticket is kept for the next one. */
  again(): void {
    this.stage = "choose";
    this.result = null;
    this.typed = "";
    this.dismiss();
  }

  async showPart(part: ActionPart): Promise<void> {
    this.part = part;
    this.dismiss();
    if (part === "audit" && !this.audit) await this.loadAudit();
    if (part === "blocked" && !this.blocked && this.hasToken) await this.loadBlocked();
  }

  /** Loads the newest entries that match the filter. A late answer to an older request is dropped. */
  async loadAudit(change: Partial<AuditFilter> = {}): Promise<void> {
    const request = ++this.auditRequests;
    this.filter = { ...this.filter, ...change };
    this.auditProblem = null;
    try {
      const page = await commands.actionAudit({ connection: this.id, filter: this.filter, before: null, limit: PAGE });
      if (request === this.auditRequests) this.audit = page;
    } catch (thrown) {
      if (request === this.auditRequests) this.auditProblem = problemOf(thrown);
    }
  }

  async loadMore(): Promise<void> {
    const { audit } = this;
    if (!audit?.next) return;
    const before = audit.next;
    await this.run("more", async () => {
      const page = await commands.actionAudit({ connection: this.id, filter: this.filter, before, limit: PAGE });
      this.audit = { ...page, entries: [...audit.entries, ...page.entries] };
    });
  }

  /** Whether any entry is left out. */
  get isFiltered(): boolean {
    return this.filter.kind !== null || this.filter.outcome !== null || (this.filter.text ?? "") !== "" || this.filter.only_open;
  }

  async verify(): Promise<void> {
    await this.run("verify", async () => {
      this.verification = await commands.verifyAudit(this.id);
    });
  }

  /** Acknowledges that the audit was changed. */
  async acknowledge(reason: string): Promise<boolean> {
    return this.run("acknowledge", async () => {
      this.verification = await commands.acknowledgeAudit(this.id, reason.trim());
    });
  }

  async save(format: AuditFormat): Promise<void> {
    await this.run(`save ${format}`, async () => {
      this.savedPath = (await commands.saveAudit(this.id, format)) ?? this.savedPath;
    });
  }

  /** Finds out what became of the entries that an interrupted run left open. */
  async resolveOpen(): Promise<void> {
    this.isUnresolved = false;
    await this.run("resolve", async () => {
      const resolved = await commands.resolveOpenActions(this.id);
      this.isUnresolved = resolved.length === 0;
      if (this.verification) this.verification = await commands.verifyAudit(this.id);
      await this.loadAudit();
    });
  }

  async loadBlocked(): Promise<void> {
    this.blockedProblem = null;
    await this.run("blocked", async () => {
      this.blocked = await commands.blockedNow(this.id);
    });
    this.blockedProblem = this.problem;
    if (this.problem) await this.loadToken();
  }

  /** Rehearses on a user and an address. `typedUser` is the login, typed again to confirm that the account may be locked. */
  async rehearse(user: string, address: string, withIrreversible: boolean, typedUser: string): Promise<void> {
    this.progress = [];
    this.rehearsal = null;
    this.stopping = false;
    const text = (typed: string): string | null => typed.trim() || null;
    await this.run("rehearse", async () => {
      const request = { connection: this.id, user: text(user), address: text(address), with_irreversible: withIrreversible, typed_user: text(typedUser) };
      this.rehearsal = await commands.rehearseActions(request, channel((news) => this.onRehearsal(news)));
    });
    this.audit = null;
    await this.loadToken();
  }

  private onRehearsal(news: ActionProgress): void {
    this.waitingUntil = news.type === "waiting" ? news.until : null;
    if (news.type === "finished") this.progress = [...this.progress, { label: labelOf(news.result.target), parts: news.result.parts, result: news.result }];
  }
}
