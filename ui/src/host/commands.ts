/**
 * The generated commands and events of the app, the only connection to the Rust side. A refused command throws a `Problem`, which
 * `problemOf` reads. A secret travels inward only: no command answers with one.
 */
import { Channel } from "@tauri-apps/api/core";
import type { UnlistenFn } from "@tauri-apps/api/event";

import { commands as generated, events } from "./bindings";
import type { AlertKind, AlertSecret, AlertSettingsPatch, AlertsView, History, MonitorSettings, MonitorSettingsPatch, RelayDiskUse, RelaySettings, RelayView, Span, UndeliverablePage } from "./model";

/** Answers in which the app always writes every field; the generated types call some optional because older data may lack them. */
type CompleteAnswers = {
  monitorSettings: () => Promise<MonitorSettings>;
  changeMonitorSettings: (change: MonitorSettingsPatch) => Promise<MonitorSettings>;
  alerts: () => Promise<AlertsView>;
  changeAlerts: (change: AlertSettingsPatch) => Promise<AlertsView>;
  storeAlertSecret: (name: AlertSecret, value: string) => Promise<AlertsView>;
  forgetAlertChannel: (kind: AlertKind) => Promise<AlertsView>;
  history: (id: string, span: Span) => Promise<History>;
  relay: (id: string) => Promise<RelayView>;
  relayDiskUse: (id: string) => Promise<RelayDiskUse>;
  configureRelay: (id: string, settings: RelaySettings) => Promise<RelayView>;
  startRelay: (id: string) => Promise<RelayView>;
  stopRelay: (id: string) => Promise<RelayView>;
  pauseRelay: (id: string) => Promise<RelayView>;
  resumeRelay: (id: string) => Promise<RelayView>;
  undeliverableEvents: (id: string) => Promise<UndeliverablePage>;
  practiceWebhook: (id: string) => Promise<RelayView>;
};

/** Every command, by name. */
export type Commands = Omit<typeof generated, keyof CompleteAnswers> & CompleteAnswers;
export const commands = generated as Commands;
export { events };

/** Ends a subscription to an event. */
export type Unlisten = UnlistenFn;

/** Opens a channel on which a running command sends its progress. */
export function channel<T>(onMessage: (message: T) => void): Channel<T> {
  return new Channel<T>(onMessage);
}
