/** The scripted host's part of monitoring: settings in memory, histories of the scenario, and where a played notice leads. */
import type { Host, Unlisten } from "../problem";
import { changed } from "../monitor_settings_patch";
import type { History, Landing, LaunchSetting, MonitorChange, MonitorSettings, PolicyView, Span } from "../model";
import { noPolicy, over } from "./policy_views";
import { pastOf } from "./monitoring_views";

/** What a scenario fixes of monitoring. */
export type MonitorPlay = {
  /** What was seen of a connection over a span. */
  history?: (id: string, span: Span) => History;
  monitor?: Partial<MonitorSettings>;
  /** Where a clicked notice wants the window to open. */
  landing?: Landing;
  /** What the organisation fixes. */
  policy?: PolicyView;
  /** Whether the app starts with this computer. */
  launch?: LaunchSetting;
};

export class FakeMonitor {
  private kept: MonitorSettings;
  private wanted: Landing | null;
  private starts: LaunchSetting;
  private heard: (() => void)[] = [];
  private told: (() => void)[] = [];

  constructor(
    private readonly play: MonitorPlay,
    private readonly ask: (name: keyof Host) => Promise<void>,
  ) {
    this.wanted = play.landing ?? null;
    this.starts = play.launch ?? { on: false, changes: true };
    this.kept = { heartbeat_s: 600, freshness_s: 1800, full_s: 86_400, allowed_lag_s: 900, rate_share: 10, notices: true, notices_off_since: null, quiet_until: null, maintenance: [], reminders: { on: true, token_age_days: 180, owner_days: 90 }, ...play.monitor };
  }

  async settings(): Promise<MonitorSettings> {
    await this.ask("monitorSettings");
    return over(this.play.policy ?? noPolicy, structuredClone(this.kept));
  }

  /** Makes a change to what is kept; a heartbeat out of bounds is brought into them, planned work that is alike is there once. */
  async change(change: MonitorChange): Promise<MonitorSettings> {
    await this.ask("changeMonitorSettings");
    const kept = changed(this.kept, change);
    const works = new Map(kept.maintenance.map((one) => [`${one.from} ${one.until} ${one.note}`, one]));
    this.kept = { ...kept, heartbeat_s: Math.min(3600, Math.max(60, kept.heartbeat_s)), maintenance: [...works.values()] };
    return over(this.play.policy ?? noPolicy, structuredClone(this.kept));
  }

  /** Plays the tray or another process. */
  elsewhere(change: Partial<MonitorSettings>): void {
    this.kept = { ...this.kept, ...change };
    for (const told of this.told) told();
  }

  onChanged(told: () => void): Unlisten {
    this.told.push(told);
    return () => (this.told = this.told.filter((one) => one !== told));
  }

  async policy(): Promise<PolicyView> {
    await this.ask("policy");
    return this.play.policy ?? noPolicy;
  }

  async launch(on?: boolean): Promise<LaunchSetting> {
    await this.ask(on === undefined ? "launchAtLogin" : "setLaunchAtLogin");
    if (on !== undefined) this.starts = { ...this.starts, on };
    return this.starts;
  }

  async pause(until: string | null): Promise<void> {
    await this.ask("pauseNotices");
    this.kept.quiet_until = until;
  }

  async history(id: string, span: Span): Promise<History> {
    await this.ask("history");
    return (this.play.history ?? pastOf({}))(id, span);
  }

  async save(what: "history" | "changes", span: Span): Promise<string> {
    await this.ask(what === "history" ? "saveHistory" : "saveChanges");
    return `Documents/okta-radiant-${what}-${span}.csv`;
  }

  async landing(): Promise<Landing | null> {
    await this.ask("landing");
    const wanted = this.wanted;
    this.wanted = null;
    return wanted;
  }

  onLandingWanted(heard: () => void): Unlisten {
    this.heard.push(heard);
    return () => (this.heard = this.heard.filter((one) => one !== heard));
  }

  click(landing: Landing): void {
    this.wanted = landing;
    for (const heard of this.heard) heard();
  }
}
