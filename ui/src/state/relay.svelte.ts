/** The relay of one connection: its state, loaded again while it is shown, and what a person does with it. */
import { commands } from "../host/commands";
import type { GapAudit, Problem, RelayDiskUse, RelaySettings, RelayView, TestEvent, UndeliverablePage } from "../host/model";
import { problemOf } from "../host/problem";
import { OperationRunner } from "./operation_runner.svelte";

const HOUR_MS = 3_600_000;
const timeOf = (ms: number): string => new Date(ms).toISOString();
/** How often the shown state is loaded again. */
const RELOAD_MS = 5_000;

export class Relay extends OperationRunner {
  view = $state.raw<RelayView | null>(null);
  diskUse = $state.raw<RelayDiskUse | null>(null);
  letters = $state.raw<UndeliverablePage | null>(null);
  /** The event that was set aside and is shown as text. */
  shown = $state.raw<{ number: number; text: string } | null>(null);
  /** Why the state could not be loaded; the last loaded one stays visible. */
  loadProblem = $state.raw<Problem | null>(null);
  /** The test event that Radiant accepted last, and what the search for it found. */
  testEvent = $state.raw<TestEvent | null>(null);
  found = $state.raw<boolean | null>(null);
  audit = $state.raw<GapAudit | null>(null);
  private requests = 0;

  constructor(readonly id: string) {
    super();
  }

  async load(): Promise<void> {
    const request = ++this.requests;
    try {
      const [view, diskUse] = await Promise.all([commands.relay(this.id), commands.relayDiskUse(this.id)]);
      if (request !== this.requests) return;
      const lettersChanged = this.letters !== null && this.view?.dead_letters !== view.dead_letters;
      this.view = view;
      this.diskUse = diskUse;
      this.loadProblem = null;
      if (lettersChanged) await this.loadLetters();
    } catch (thrown) {
      if (request === this.requests) this.loadProblem = problemOf(thrown);
    }
  }

  /** Loads the state now and again while the window is visible. Returns what ends it. */
  follow(): () => void {
    void this.load();
    const timer = setInterval(() => {
      if (!document.hidden && this.busy === null) void this.load();
    }, RELOAD_MS);
    return () => clearInterval(timer);
  }

  async configure(settings: RelaySettings): Promise<boolean> {
    return this.change("configure", () => commands.configureRelay(this.id, settings));
  }

  /** Enters the practice webhook and its token. */
  async usePracticeWebhook(): Promise<boolean> {
    return this.change("practice", () => commands.practiceWebhook(this.id));
  }

  /** Switches the relay on, after the person stated that nobody else reads the organization. */
  async start(): Promise<boolean> {
    return this.change("start", () => commands.startRelay(this.id));
  }

  async stop(): Promise<boolean> {
    return this.change("stop", () => commands.stopRelay(this.id));
  }

  async pause(): Promise<boolean> {
    return this.change("pause", () => commands.pauseRelay(this.id));
  }

  async resume(): Promise<boolean> {
    return this.change("resume", () => commands.resumeRelay(this.id));
  }

  async sendTestEvent(): Promise<void> {
    this.testEvent = null;
    this.found = null;
    await this.run("test", async () => {
      this.testEvent = await commands.sendTestEvent(this.id);
    });
  }

  async findTestEvent(): Promise<void> {
    const event = this.testEvent;
    if (!event) return;
    await this.run("find", async () => {
      this.found = await commands.findTestEvent(this.id, event);
    });
  }

  /** Compares the hours before now with Okta. */
  async compare(hours: number): Promise<void> {
    await this.run("audit", async () => {
      const until = Date.now();
      this.audit = await commands.auditRelay(this.id, timeOf(until - hours * HOUR_MS), timeOf(until));
      await this.load();
    });
  }

  async loadLetters(): Promise<void> {
    await this.run("letters", async () => {
      this.letters = await commands.undeliverableEvents(this.id);
    });
  }

  /** Shows the text of an event that was set aside, or hides it. */
  async show(number: number): Promise<void> {
    if (this.shown?.number === number) {
      this.shown = null;
      return;
    }
    await this.run("show", async () => {
      const text = await commands.undeliverableEventText(this.id, number);
      this.shown = text === null ? null : { number, text };
    });
  }

  /** Sends events that were set aside again; `null` sends all that are shown. */
  async requeue(numbers: readonly number[] | null): Promise<void> {
    await this.run("requeue", async () => {
      const shown = numbers ?? (await commands.undeliverableEvents(this.id)).letters.map((letter) => letter.number);
      await commands.requeueUndeliverableEvents(this.id, [...shown]);
      this.shown = null;
      this.letters = await commands.undeliverableEvents(this.id);
      await this.load();
    });
  }

  /** Returns the problem of an action, unless another one has begun since. */
  problemOfAction(...names: readonly string[]): Problem | null {
    return this.failed !== null && names.includes(this.failed) ? this.problem : null;
  }

  private async change(name: string, command: () => Promise<RelayView>): Promise<boolean> {
    return this.run(name, async () => {
      this.requests++;
      this.view = await command();
    });
  }
}
