/** How connections are watched: what is kept, changed one thing at a time. A change that was refused is taken back. */
import { changed } from "../host/changed";
import { problemOf, type Host, type Unlisten } from "../host/host";
import type { MonitorChange, MonitorSettings, Problem } from "../host/model";

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

  /** Follows what is changed elsewhere: from the tray, by another process, by the organisation's policy. */
  follow(): Promise<Unlisten> {
    return this.host.onSettingsChanged(() => void this.refresh());
  }

  /** Shows what is kept now. The answer to a change under way tells the same, and what cannot be read leaves what is shown. */
  async refresh(): Promise<void> {
    if (!this.settings) return this.load();
    const kept = await this.host.monitorSettings().catch(() => null);
    if (kept && !this.saving) this.settings = kept;
  }

  /** Changes what is said and keeps it at once; whatever else is kept by then stays. */
  async change(part: Part, change: MonitorChange): Promise<boolean> {
    const before = this.settings;
    if (!before) return false;
    return this.keep(part, changed(before, change), async () => this.host.changeMonitorSettings(change));
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
