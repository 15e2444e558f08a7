/** How connections are watched: what is kept, changed one thing after another. A change that was refused is taken back. */
import { problemOf, type Host } from "../host/host";
import type { MonitorSettings, Problem } from "../host/model";
import { Choices } from "./turns";

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

  private choices: Choices<MonitorSettings> | null = null;

  constructor(private readonly host: Host) {}

  async load(): Promise<void> {
    this.problem = null;
    try {
      this.settings = await this.host.monitorSettings();
      this.choices = new Choices(this.settings, (settings) => (this.settings = settings));
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  /** Changes settings and keeps them at once. */
  async change(part: Part, change: Partial<MonitorSettings>): Promise<boolean> {
    return this.keep(part, (kept) => ({ ...kept, ...change }), (wanted) => this.host.setMonitorSettings(wanted));
  }

  /** Pauses notices until then; `null` lets them be shown again. */
  async pause(until: string | null): Promise<boolean> {
    return this.keep("notices", (kept) => ({ ...kept, quiet_until: until }), async () => {
      await this.host.pauseNotices(until);
      return this.host.monitorSettings();
    });
  }

  private async keep(part: Part, change: (kept: MonitorSettings) => MonitorSettings, put: (wanted: MonitorSettings) => Promise<MonitorSettings>): Promise<boolean> {
    if (!this.choices) return false;
    this.saving = part;
    this.saved = null;
    this.refused = null;
    try {
      await this.choices.change(change, put);
      this.saved = part;
      return true;
    } catch (thrown) {
      this.refused = { part, problem: problemOf(thrown) };
      return false;
    } finally {
      this.saving = null;
    }
  }
}
