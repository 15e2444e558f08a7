/**
 * The words of the model as the rest of the window may name them: types only, taken from the generated bindings. Nothing here
 * exists at run time, and nothing outside src/host names the bindings themselves.
 */
export type {
  AppInfo,
  Arrival,
  ArrivalTick,
  Capability,
  CapabilityRow,
  CheckId,
  CheckNews,
  CheckReport,
  CheckRow,
  ClipboardNews,
  Code,
  Confirmable,
  Confirmation,
  Connection,
  ConnectionView,
  ConnectorTypeSeen,
  Copied,
  CopyWhat,
  DataKept,
  DocsAnswer,
  DomainReading,
  Evidence,
  Fact,
  FactKey,
  ImportLine,
  ImportOutcome,
  ImportPreview,
  Keep,
  KeptWhere,
  Language,
  Landing,
  LaunchSetting,
  LinkTo,
  Maintenance,
  MonitorChange,
  Noticed,
  OrgFound,
  Outcome,
  Policy,
  PolicyRemark,
  PolicyView,
  PracticeToken,
  Preferences,
  PresenceSetting,
  Problem,
  Profile,
  RadiantDiscovery,
  RadiantSearch,
  Redact,
  Remembered,
  Reminder,
  ReminderAct,
  ReminderKind,
  ReportForm,
  Revoked,
  Rotation,
  RotationStep,
  SecretName,
  SecretState,
  SetupState,
  SetupStep,
  Skip,
  Span,
  Standing,
  StandingCondition,
  State,
  Status,
  StatusChange,
  Theme,
  Trouble,
  Watch,
  Weighs,
  Word,
} from "./bindings";

import type { History as HistoryRead, Hour as HourRead, MonitorSettings as SettingsRead, ReminderSettings as RemindersRead } from "./bindings";

// The app writes every field of these; the bindings call them optional because the app can read them without.
/** How often and how loudly connections are watched. */
export type MonitorSettings = Required<Omit<SettingsRead, "reminders">> & { reminders: ReminderSettings };
/** What is reminded of, and when. */
export type ReminderSettings = Required<RemindersRead>;
/** One hour of looks. */
export type Hour = Required<HourRead>;
/** One hour of a connection's history. */
export type HourPoint = { from: string; hour: Hour };
/** A connection's history over a span. */
export type History = Omit<HistoryRead, "hours"> & { hours: HourPoint[] };
