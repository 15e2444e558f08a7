/** The generated types and constants of the model. The rest of the window imports them from here, so that a rename is made in one place. */
export { NEW_TOKEN_CHECKS, OKTA_CHECKS, RADIANT_CHECKS } from "./bindings";
export type {
  AcceptedIssuer,
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
  PracticeScenario,
  MonitorView,
  ConditionRole,
  Attestation,
} from "./bindings";

import type { History as GeneratedHistory, LinkTarget, HourStats as GeneratedHour, MonitorSettings as GeneratedSettings, ReminderSettings as GeneratedReminders } from "./bindings";

// The app always writes every field of these; the generated types call some optional because older data may lack them.
/** The settings of monitoring. */
export type MonitorSettings = Required<Omit<GeneratedSettings, "reminders">> & { reminders: ReminderSettings };
/** The settings of reminders. */
export type ReminderSettings = Required<GeneratedReminders>;
/** The checks of one hour. */
export type HourStats = Required<GeneratedHour>;
/** One hour of a connection's history, with its start. */
export type HourPoint = { from: string; hour: HourStats };
/** A connection's history over a span. */
export type History = Omit<GeneratedHistory, "hours"> & { hours: HourPoint[] };

/** The links to public pages, which practice opens as well. */
export const PUBLIC_LINKS = ["okta_status", "okta_token_help", "okta_roles_help", "radiant_okta_docs", "radiant_search_docs", "radiant_doc"] as const satisfies readonly LinkTarget["to"][];
