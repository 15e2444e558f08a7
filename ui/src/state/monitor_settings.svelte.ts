/** The settings of monitoring, changed one after another. A refused change is taken back. */
import { applyMonitorSettingsPatch } from "../host/apply_monitor_settings_patch";
import { commands, events, type Unlisten } from "../host/commands";
import type { MonitorSettingsPatch, MonitorSettings, Problem } from "../host/model";
import { problemOf } from "../host/problem";
import { OptimisticValue } from "./optimistic_value";

/** A group of the settings. */
export type SettingsPart = "intervals" | "notifications" | "reminders" | "maintenance";

export class MonitorSettingsState {
  settings = $state.raw<MonitorSettings | null>(null);
  /** Why the settings could not be loaded. */
  problem = $state.raw<Problem | null>(null);
  /** The group whose newest change was stored, is refused, or is being stored. */
  saved = $state<SettingsPart | null>(null);
  refused = $state.raw<{ part: SettingsPart; problem: Problem } | null>(null);
  saving = $state<SettingsPart | null>(null);

  private optimistic: OptimisticValue<MonitorSettings> | null = null;

  async load(): Promise<void> {
    this.problem = null;
    try {
      this.settings = await commands.monitorSettings();
      this.optimistic = new OptimisticValue(this.settings, (settings) => (this.settings = settings));
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  /** Follows changes made elsewhere: from the tray, by another process, by the organization's policy. */
  follow(): Promise<Unlisten> {
    return events.settingsChanged.listen(() => void this.refresh());
  }

  /** Loads the stored settings again; pending changes stay visible. When loading fails, the shown settings stay. */
  async refresh(): Promise<void> {
    if (!this.optimistic) return this.load();
    await this.optimistic.reload(() => commands.monitorSettings()).catch(() => undefined);
  }

  /** Changes the named fields and stores them at once; all other stored fields stay. */
  async change(part: SettingsPart, change: MonitorSettingsPatch): Promise<boolean> {
    return this.store(part, (settings) => applyMonitorSettingsPatch(settings, change), () => commands.changeMonitorSettings(change));
  }

  /** Pauses desktop notifications until then; `null` resumes them. */
  async pauseNotifications(until: string | null): Promise<boolean> {
    return this.store("notifications", (settings) => ({ ...settings, quiet_until: until }), async () => {
      await commands.pauseNotices(until);
      return commands.monitorSettings();
    });
  }

  private async store(part: SettingsPart, change: (settings: MonitorSettings) => MonitorSettings, send: (wanted: MonitorSettings) => Promise<MonitorSettings>): Promise<boolean> {
    if (!this.optimistic) return false;
    this.saving = part;
    this.saved = null;
    this.refused = null;
    try {
      await this.optimistic.change(change, send);
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
