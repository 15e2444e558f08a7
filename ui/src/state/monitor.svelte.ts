/** How connections are watched: what is kept, changed one thing at a time. A change that was refused is taken back. */
import { problemOf, type Host } from "../host/host";
import type { MonitorSettings, Problem } from "../host/model";

/** The part of the settings that was changed last. */
export type Part = "rhythm" | "notices" | "reminders" | "maintenance";

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
