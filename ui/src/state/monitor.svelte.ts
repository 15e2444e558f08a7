/** How connections are watched: what is kept, changed one thing at a time. A change that was refused is taken back. */
import { problemOf, type Host } from "../host/host";
import type { Maintenance, MonitorSettings, Problem } from "../host/model";

/** The part of the settings that was changed last. */
export type Part = "rhythm" | "notices" | "maintenance";

export class Monitor {
  settings = $state.raw<MonitorSettings | null>(null);
  /** Why the settings could not be read. */
  problem = $state.raw<Problem | null>(null);
  /** What came of the newest change, and where it was made. */
  saved = $state<Part | null>(null);
  refused = $state.raw<{ part: Part; problem: Problem } | null>(null);
  saving = $state<Part | null>(null);

  constructor(private readonly host: Host) {}

  async load(): Promise<void> {
    this.problem = null;
    try {
      this.settings = await this.host.monitorSettings();
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  /** Changes settings and keeps them at once. */
  async change(part: Part, change: Partial<MonitorSettings>): Promise<boolean> {
    const before = this.settings;
    if (!before) return false;
    const wanted = { ...before, ...change };
    return this.keep(part, wanted, async () => this.host.setMonitorSettings(wanted));
  }

  /** Pauses notices until then; `null` lets them be shown again. */
  async pause(until: string | null): Promise<boolean> {
    const before = this.settings;
    if (!before) return false;
    return this.keep("notices", { ...before, quiet_until: until }, async () => {
      await this.host.pauseNotices(until);
      return this.host.monitorSettings();
    });
  }

  private async keep(part: Part, wanted: MonitorSettings, put: () => Promise<MonitorSettings>): Promise<boolean> {
    const before = this.settings;
    this.settings = wanted;
    this.saving = part;
    this.saved = null;
    this.refused = null;
    try {
      this.settings = await put();
      this.saved = part;
      return true;
    } catch (thrown) {
      this.settings = before;
      this.refused = { part, problem: problemOf(thrown) };
      return false;
    } finally {
      this.saving = null;
    }
  }
}

/** What is wrong with planned work as typed; `null` when it can be kept. */
export type MaintenanceFault = "from" | "until" | "order" | "over" | "note";
/** Characters a note may have. */
export const NOTE_LENGTH = 120;

/** Reads planned work as typed in local time: the window to keep, or what is wrong with it. */
export function plan(from: string, until: string, note: string, now: number): { kept: Maintenance } | { fault: MaintenanceFault } {
  const [begins, ends] = [Date.parse(from), Date.parse(until)];
  if (Number.isNaN(begins)) return { fault: "from" };
  if (Number.isNaN(ends)) return { fault: "until" };
  if (ends <= begins) return { fault: "order" };
  if (ends <= now) return { fault: "over" };
  if (note.trim().length > NOTE_LENGTH) return { fault: "note" };
  return { kept: { from: new Date(begins).toISOString(), until: new Date(ends).toISOString(), note: note.trim() } };
}

/** Eight o'clock of the next local morning. */
export function tomorrowMorning(now: number): string {
  const morning = new Date(now);
  morning.setDate(morning.getDate() + 1);
  morning.setHours(8, 0, 0, 0);
  return morning.toISOString();
}
