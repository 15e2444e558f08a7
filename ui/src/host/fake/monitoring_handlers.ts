/** The fake app's part of monitoring: settings in memory, histories of the scenario, and what a clicked notification opens. */
import { applyMonitorSettingsPatch } from "../apply_monitor_settings_patch";
import { events } from "../commands";
import type { History, NavigationTarget, AutostartSetting, MonitorSettings, PolicyView, Span, TestNotificationResult } from "../model";
import type { Handlers } from "./handler_types";
import { historiesBy } from "./monitoring_views";
import { applyPolicy, noPolicy } from "./policy_views";

/** What a scenario fixes of monitoring. */
export type MonitoringScenario = {
  /** The history of a connection over a span. */
  history?: (id: string, span: Span) => History;
  monitor?: Partial<MonitorSettings>;
  /** What became of a test notification. */
  testNotification?: TestNotificationResult;
  /** What a clicked notification opens. */
  landing?: NavigationTarget;
  /** The organization's policy. */
  policy?: PolicyView;
  /** Whether the app starts at sign-in. */
  autostart?: AutostartSetting;
};

const SETTINGS: MonitorSettings = {
  heartbeat_s: 600,
  freshness_s: 1800,
  full_s: 86_400,
  allowed_lag_s: 900,
  rate_share: 10,
  notices: true,
  notices_off_since: null,
  quiet_until: null,
  maintenance: [],
  reminders: { on: true, token_age_days: 180, owner_days: 90 },
  probes_changed: null,
};

export function fakeMonitoring(scenario: MonitoringScenario) {
  const policy = scenario.policy ?? noPolicy;
  let stored: MonitorSettings = { ...SETTINGS, ...scenario.monitor };
  let pending = scenario.landing ?? null;
  let autostart = scenario.autostart ?? { on: false, changes: true, dead_command: null };
  const settings = (): MonitorSettings => applyPolicy(policy, structuredClone(stored));
  const handlers = {
    monitorSettings: settings,
    /** Brings a heartbeat into its bounds, and stores equal maintenance windows once. */
    changeMonitorSettings: (change) => {
      const changed = applyMonitorSettingsPatch(stored, change);
      const windows = new Map(changed.maintenance.map((one) => [`${one.from} ${one.until} ${one.note}`, one]));
      stored = { ...changed, heartbeat_s: Math.min(3600, Math.max(60, changed.heartbeat_s)), maintenance: [...windows.values()] };
      return settings();
    },
    pauseNotices: (until) => void (stored.quiet_until = until),
    testNotification: () => scenario.testNotification ?? "shown",
    policy: () => policy,
    launchAtLogin: () => autostart,
    setLaunchAtLogin: (on) => (autostart = { ...autostart, on, dead_command: null }),
    history: (id, span) => (scenario.history ?? historiesBy({}))(id, span),
    saveHistory: (_id, span) => `Documents/okta-radiant-history-${span}.csv`,
    saveChanges: (_id, span) => `Documents/okta-radiant-changes-${span}.csv`,
    landing: () => {
      const landing = pending;
      pending = null;
      return landing;
    },
  } satisfies Partial<Handlers>;
  return {
    handlers,
    changeElsewhere: (change: Partial<MonitorSettings>): void => {
      stored = { ...stored, ...change };
      void events.settingsChanged.emit();
    },
    clickNotification: (landing: NavigationTarget): void => {
      pending = landing;
      void events.landingWanted.emit();
    },
  };
}
