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
  Code,
  Confirmable,
  Confirmation,
  Connection,
  ConnectionView,
  ConnectorTypeSeen,
  DocsAnswer,
  DomainReading,
  Evidence,
  Fact,
  FactKey,
  Keep,
  Language,
  LinkTo,
  Noticed,
  OrgFound,
  Outcome,
  Preferences,
  Problem,
  Profile,
  RadiantDiscovery,
  RadiantSearch,
  ReportForm,
  SecretName,
  SecretState,
  SetupState,
  SetupStep,
  Skip,
  Standing,
  State,
  Status,
  Theme,
} from "./bindings";

/** What the copy buttons can put on the clipboard. */
export type CopyWhat = "okta_domain" | "api_token" | "token_name" | "credential_name";

/** What came of a copy. `clears_in_s` is absent for what is no secret. */
export type Copied = { clears_in_s: number | null; history_excluded: boolean; can_clear: boolean };

/** News of the secret on the clipboard. */
export type ClipboardNews = { state: "counting" | "cleared" | "changed" | "not_clearable"; seconds_left: number };

/** One owner of a token in the practice organisation. */
export type PracticeToken = { principal: string; label: string };
