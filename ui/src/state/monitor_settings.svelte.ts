/** How connections are watched: what is kept, changed one thing after another. A change that was refused is taken back. */
import { changed } from "../host/monitor_settings_patch";
import { problemOf, type Host, type Unlisten } from "../host/problem";
import type { MonitorChange, MonitorSettings, Problem } from "../host/model";
import { Choices } from "./serial_queue";

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

  /** Follows what is changed elsewhere: from the tray, by another process, by the organisation's policy. */
  follow(): Promise<Unlisten> {
    return this.host.onSettingsChanged(() => void this.refresh());
  }

  /** Shows what is kept now, changes under way included. What cannot be read leaves what is shown. */
  async refresh(): Promise<void> {
    if (!this.choices) return this.load();
    await this.choices.hear(() => this.host.monitorSettings()).catch(() => undefined);
  }

  /** Changes what is said and keeps it at once; whatever else is kept by then stays. */
  async change(part: Part, change: MonitorChange): Promise<boolean> {
    return this.keep(part, (kept) => changed(kept, change), () => this.host.changeMonitorSettings(change));
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
