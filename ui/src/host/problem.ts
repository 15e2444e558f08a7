/**
 * The one door to the other side of the window. Pages and state know this interface alone; the real one is `tauri.ts`, the
 * scripted one for tests is `fake/`. Every refusal is a `Refusal` that carries the problem. A secret travels inward only.
 */
import type {
  AppInfo,
  Arrival,
  ArrivalTick,
  CheckId,
  CheckNews,
  CheckReport,
  ClipboardNews,
  Code,
  Confirmable,
  ConnectionView,
  Copied,
  CopyWhat,
  DataKept,
  DocsAnswer,
  DomainReading,
  History,
  ImportOutcome,
  ImportPreview,
  Keep,
  KeptWhere,
  Landing,
  LaunchSetting,
  LinkTo,
  MonitorChange,
  MonitorSettings,
  OrgFound,
  PolicyView,
  PracticeToken,
  Preferences,
  PresenceSetting,
  Problem,
  Profile,
  RadiantDiscovery,
  RadiantSearch,
  Redact,
  ReminderKind,
  ReportForm,
  RotationStep,
  SecretName,
  SetupStep,
  Span,
  Trouble,
} from "./model";

/** What a command throws when it did not work. */
export class Refusal extends Error {
  constructor(readonly problem: Problem) {
    super(problem.code);
    this.name = "Refusal";
  }
}

/** The problem inside whatever was thrown; an unknown throw is `internal` with its text as the technical line. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof Refusal) return thrown.problem;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: "internal", args: {}, detail, retry_at: null, request_id: null };
}

/** Ends a listening. */
export type Unlisten = () => void;

/** What the window asks of the app. */
export interface Host {
  appInfo(): Promise<AppInfo>;
  preferences(): Promise<Preferences>;
  setPreferences(preferences: Preferences): Promise<Preferences>;
  launchAtLogin(): Promise<LaunchSetting>;
  setLaunchAtLogin(on: boolean): Promise<LaunchSetting>;
  retryStart(): Promise<AppInfo>;
  setStoreAside(): Promise<AppInfo>;
  quit(): Promise<void>;

  connections(): Promise<ConnectionView[]>;
  connection(id: string): Promise<ConnectionView>;
  beginSetup(): Promise<ConnectionView>;
  beginPractice(): Promise<ConnectionView>;
  removeConnection(id: string): Promise<void>;
  renameConnection(id: string, name: string): Promise<ConnectionView>;

  readDomain(typed: string): Promise<DomainReading>;
  discoverDomain(id: string, typed: string): Promise<OrgFound>;
  setDomain(id: string, typed: string): Promise<ConnectionView>;
  goToStep(id: string, step: SetupStep): Promise<ConnectionView>;
  setProfile(id: string, profile: Profile): Promise<ConnectionView>;
  setNames(id: string, tokenName: string, credentialName: string): Promise<ConnectionView>;
  confirm(id: string, what: Confirmable, yes: boolean): Promise<ConnectionView>;
  finishSetup(id: string, keep: Keep, launchAtLogin: boolean): Promise<ConnectionView>;

  keychainProbe(id: string): Promise<string>;
  storeSecret(id: string, name: SecretName, value: string, thisRunOnly: boolean): Promise<ConnectionView>;
  tokenShape(value: string): Promise<Code | null>;
  forgetSecret(id: string, name: SecretName): Promise<ConnectionView>;

  runChecks(id: string, only: CheckId[] | null, news: (news: CheckNews) => void): Promise<CheckReport>;
  cancelChecks(id: string): Promise<void>;

  copyValue(id: string, what: CopyWhat): Promise<Copied>;
  clearClipboard(): Promise<void>;
  clipboardHoldsSecret(id: string): Promise<boolean>;
  policy(): Promise<PolicyView>;
  presenceSetting(): Promise<PresenceSetting>;
  setPresence(on: boolean): Promise<PresenceSetting>;
  cancelPresence(): Promise<void>;
  openLink(id: string | null, link: LinkTo): Promise<void>;
  copyLink(id: string | null, link: LinkTo): Promise<string>;

  setRadiantSearch(id: string, search: RadiantSearch): Promise<ConnectionView>;
  discoverRadiant(id: string): Promise<RadiantDiscovery>;
  watchArrival(id: string, tick: (tick: ArrivalTick) => void): Promise<Arrival | null>;
  cancelArrival(id: string): Promise<void>;

  beginRotation(id: string): Promise<ConnectionView>;
  checkNewToken(id: string, news: (news: CheckNews) => void): Promise<CheckReport>;
  acceptOtherOwner(id: string, yes: boolean): Promise<ConnectionView>;
  confirmCredentialUpdated(id: string, yes: boolean): Promise<ConnectionView>;
  goToRotationStep(id: string, step: RotationStep): Promise<ConnectionView>;
  watchRotation(id: string, tick: (tick: ArrivalTick) => void): Promise<Arrival | null>;
  revokeOldToken(id: string): Promise<ConnectionView>;
  oldTokenRevoked(id: string): Promise<ConnectionView>;
  confirmOldTokenRevoked(id: string): Promise<ConnectionView>;
  cancelRotation(id: string): Promise<ConnectionView>;
  monitorSettings(): Promise<MonitorSettings>;
  /** Changes what is said, and answers with all that is kept then. */
  changeMonitorSettings(change: MonitorChange): Promise<MonitorSettings>;
  pauseNotices(until: string | null): Promise<void>;
  pauseChecks(id: string, pause: boolean): Promise<ConnectionView>;
  putOffReminder(id: string, kind: ReminderKind, days: number): Promise<ConnectionView>;
  dismissReminder(id: string, kind: ReminderKind): Promise<ConnectionView>;
  confirmOwner(id: string): Promise<ConnectionView>;
  history(id: string, span: Span): Promise<History>;
  saveHistory(id: string, span: Span): Promise<string | null>;
  saveChanges(id: string, span: Span): Promise<string | null>;
  landing(): Promise<Landing | null>;

  /** Asks where to, and saves every real connection without its secrets; `null` when cancelled. */
  exportConnections(): Promise<string | null>;
  /** Asks which file, and says what it would bring; `null` when cancelled. */
  lookAtImport(): Promise<ImportPreview | null>;
  /** Takes in the file that was looked at. */
  importConnections(): Promise<ImportOutcome>;
  dataKept(): Promise<DataKept>;
  keepHistory(days: number): Promise<number>;
  copyPlace(place: KeptWhere): Promise<string>;
  diagnostics(redact: Redact): Promise<string>;
  /** Asks where to, and saves the bundle that was shown last; `null` when cancelled. */
  saveDiagnostics(): Promise<string | null>;

  setupReport(id: string, form: ReportForm): Promise<string>;
  saveReport(id: string, form: ReportForm): Promise<string | null>;
  askDocs(id: string | null, question: string): Promise<DocsAnswer>;

  practiceTokens(): Promise<PracticeToken[]>;
  practiceToken(id: string, principal: string): Promise<ConnectionView>;
  practiceNewToken(id: string): Promise<ConnectionView>;
  practiceOldToken(id: string): Promise<ConnectionView>;
  practiceCopyToken(principal: string): Promise<Copied>;
  practiceCredential(id: string): Promise<void>;
  practiceRadiantToken(id: string): Promise<ConnectionView>;
  practiceFault(fault: Trouble | null): Promise<void>;
  practiceTrouble(): Promise<Trouble | null>;

  onStatusChanged(heard: (id: string) => void): Promise<Unlisten>;
  /** Told when how connections are watched was changed, here or elsewhere. */
  onSettingsChanged(heard: () => void): Promise<Unlisten>;
  onLandingWanted(heard: () => void): Promise<Unlisten>;
  onClipboardNews(heard: (news: ClipboardNews) => void): Promise<Unlisten>;
  /** Told whether the system's question who sits there is open. */
  onPresenceNews(heard: (open: boolean) => void): Promise<Unlisten>;
}
