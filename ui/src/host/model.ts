/** The generated types and constants of the model. The rest of the window imports them from here, so that a rename is made in one place. */
export { NEW_TOKEN_CHECKS, OKTA_CHECKS, RADIANT_CHECKS } from "./bindings";
export type {
  AcceptedIssuer,
  AlertChannelPatch,
  AlertKind,
  AlertSecret,
  AlertSettingsPatch,
  AlertTestResult,
  ActionEvent,
  ActionKind,
  ActionOutcome,
  ActionPreview,
  ActionProgress,
  ActionRefusal,
  ActionRun,
  ActionTarget,
  ActionWarning,
  AuditEntry,
  AuditFormat,
  AuditPage,
  AuditAcknowledgement,
  AuditVerification,
  BlockedEntry,
  BlockedNow,
  DueEnd,
  PartResult,
  RehearsalReport,
  TargetPreview,
  TargetResult,
  TargetState,
  TokenForActions,
  UserFacts,
  AppInfo,
  Arrival,
  ArrivalTick,
  Capability,
  CapabilityRow,
  CheckId,
  CheckProgress,
  CheckReport,
  CheckRow,
  ClipboardCountdown,
  Code,
  Confirmable,
  Confirmation,
  Connection,
  ConnectionView,
  ObservedConnectorType,
  Copied,
  CopyItem,
  DataRetention,
  DocsAnswer,
  ParsedDomain,
  Evidence,
  Fact,
  FactKey,
  ImportLine,
  ImportOutcome,
  ImportPreview,
  ImportRemark,
  InspectionQuestion,
  Keep,
  DataLocation,
  Language,
  NavigationTarget,
  AutostartSetting,
  LinkTarget,
  Maintenance,
  MissingItem,
  MonitorSettingsPatch,
  DomainNote,
  OrgFound,
  Outcome,
  Policy,
  PolicyFinding,
  PolicyView,
  PracticeToken,
  Preferences,
  ReauthenticationSetting,
  Problem,
  Profile,
  RadiantDiscovery,
  RadiantSearch,
  RedactionOptions,
  Remembered,
  Reminder,
  ReminderAct,
  ReminderKind,
  RepairAction,
  ReportFormat,
  RevocationProof,
  RevocationStatus,
  Rotation,
  RotationStep,
  RotationView,
  SecretName,
  SecretState,
  GuideState,
  GuideStep,
  GuideView,
  Skip,
  Span,
  StepMark,
  StepView,
  CapabilityState,
  ActiveCondition,
  State,
  Status,
  StatusChange,
  TestNotificationResult,
  Theme,
  UpdateView,
  PracticeScenario,
  MonitorView,
  ConditionRole,
  Attestation,
  BackfillProgress,
  EventFormat,
  GapAudit,
  RelayGap,
  RelayPhase,
  TestEvent,
} from "./bindings";

import type { AlertChannel as GeneratedAlertChannel, AlertChannelView as GeneratedAlertChannelView, AlertsView as GeneratedAlertsView, AuditFilter as GeneratedFilter, History as GeneratedHistory, HourStats as GeneratedHour, LinkTarget, MonitorSettings as GeneratedSettings, RelayCounters as GeneratedCounters, RelayDiskUse as GeneratedDiskUse, RelaySettings as GeneratedRelaySettings, RelayState as GeneratedRelayState, RelayView as GeneratedRelayView, ReminderSettings as GeneratedReminders, UndeliverableEvent as GeneratedUndeliverable, WebhookSettings as GeneratedWebhook } from "./bindings";

// The app always writes every field of these; the generated types call some optional because older data may lack them.
/** A channel of the team alerts. */
export type AlertChannelView = Omit<GeneratedAlertChannelView, "settings"> & { settings: Required<GeneratedAlertChannel> };
/** The team alerts. */
export type AlertsView = Omit<GeneratedAlertsView, "channels"> & { channels: AlertChannelView[] };
/** The settings of monitoring. */
export type MonitorSettings = Required<Omit<GeneratedSettings, "reminders">> & { reminders: ReminderSettings };
/** The settings of reminders. */
export type ReminderSettings = Required<GeneratedReminders>;
/** Which entries of the audit are listed. */
export type AuditFilter = Required<GeneratedFilter>;
/** The checks of one hour. */
export type HourStats = Required<GeneratedHour>;
/** One hour of a connection's history, with its start. */
export type HourPoint = { from: string; hour: HourStats };
/** A connection's history over a span. */
export type History = Omit<GeneratedHistory, "hours"> & { hours: HourPoint[] };

// Large numbers are generated as `number | null`; the app never writes `null` for these.
/** The settings of the relay. */
export type RelaySettings = Required<Omit<GeneratedRelaySettings, "webhook">> & { webhook: Required<GeneratedWebhook> };
/** The stored state of the relay. */
export type RelayState = Required<Omit<GeneratedRelayState, "counters" | "backlog_events" | "backlog_bytes">> & { counters: Record<keyof GeneratedCounters, number>; backlog_events: number; backlog_bytes: number };
/** What the relay shows. */
export type RelayView = Omit<GeneratedRelayView, "settings" | "state" | "dead_letters"> & { settings: RelaySettings; state: RelayState; dead_letters: number };
/** The room that the relay takes on the disk. */
export type RelayDiskUse = Record<keyof GeneratedDiskUse, number>;
/** An event that was set aside. */
export type UndeliverableEvent = Omit<GeneratedUndeliverable, "number" | "bytes"> & { number: number; bytes: number };
/** The oldest events that were set aside, and the number of all. */
export type UndeliverablePage = { letters: UndeliverableEvent[]; total: number };

/** The links to public pages, which practice opens as well. */
export const PUBLIC_LINKS = ["okta_status", "okta_token_help", "okta_roles_help", "radiant_okta_docs", "radiant_search_docs", "radiant_doc"] as const satisfies readonly LinkTarget["to"][];
