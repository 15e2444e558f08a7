/**
 * A scripted host for tests and for looking at every state. It keeps connections in memory, answers at the scenario's pace, and
 * refuses what the scenario says. No pasted value is kept; only that something was pasted.
 */
import { Refusal, type Host, type Unlisten } from "../problem";
import type {
  AppInfo,
  Arrival,
  ArrivalTick,
  CheckId,
  CheckNews,
  CheckReport,
  ClipboardNews,
  ConnectionView,
  Copied,
  CopyWhat,
  DomainReading,
  Landing,
  MonitorSettings,
  OrgFound,
  Preferences,
  PresenceSetting,
  Problem,
  SecretName,
  Trouble,
} from "../model";
import { FakeMonitor, type MonitorPlay } from "./monitoring_handlers";
import { FakePapers, type PaperPlay } from "./document_handlers";
import { reading } from "./domain_reading";
import { confirmed, done } from "./reminder_views";
import { begun, cancelled, checked, forgotten, over, pastedOld, step } from "./rotation_views";
import { at, capabilities, CHECKS, keepSecret, NOW, PRACTICE_TOKENS, practising, problem, report } from "./connection_views";

/** What a scenario fixes. */
export type Scenario = MonitorPlay & PaperPlay & {
  info?: Partial<AppInfo>;
  preferences?: Preferences;
  views?: ConnectionView[];
  /** What the checks answer. */
  report?: CheckReport;
  /** Milliseconds between two rows or looks. */
  pace?: number;
  /** Looks the watch takes, in order; the last may hold the match. */
  ticks?: ArrivalTick[];
  /** Commands that are refused, with their problem. */
  refuse?: Partial<Record<keyof Host, Problem>>;
  /** Commands that never answer. */
  hang?: (keyof Host)[];
  org?: Partial<OrgFound>;
  copied?: Copied;
  clipboard?: ClipboardNews[];
  holdsSecret?: boolean;
  /** How it stands with the system's question; the question itself is open while `copyValue` or `setPresence` hangs. */
  presence?: PresenceSetting;
};

const rest = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** The scripted host. */
export class FakeHost implements Host {
  /** What was asked, in order, by name. */
  readonly asked: string[] = [];
  private views: ConnectionView[];
  private prefer: Preferences;
  private stopped = new Set<string>();
  private trouble: Trouble | null = null;
  private heardStatus: ((id: string) => void)[] = [];
  private heardClipboard: ((news: ClipboardNews) => void)[] = [];
  private readonly monitor: FakeMonitor;
  private readonly papers: FakePapers;
  private heardPresence: ((open: boolean) => void)[] = [];
  private presence: PresenceSetting;
  private takeBack: () => void = () => undefined;

  constructor(private readonly play: Scenario) {
    this.views = structuredClone(play.views ?? []);
    this.monitor = new FakeMonitor(play, (name) => this.ask(name));
    this.papers = new FakePapers(play, (name) => this.ask(name));
    this.prefer = play.preferences ?? { theme: "system", language: "en" };
    this.presence = play.presence ?? { on: true, cannot: null };
  }

  private async ask(name: keyof Host): Promise<void> {
    this.asked.push(name);
    if (this.play.hang?.includes(name)) await new Promise(() => undefined);
    const refused = this.play.refuse?.[name];
    if (refused) throw new Refusal(refused);
  }

  private one(id: string): ConnectionView {
    const view = this.views.find((one) => one.connection.id === id);
    if (!view) throw new Refusal(problem("connection_unknown"));
    return view;
  }

  private async change(name: keyof Host, id: string, change: (view: ConnectionView) => void): Promise<ConnectionView> {
    await this.ask(name);
    return this.update(id, change);
  }

  private update(id: string, change: (view: ConnectionView) => void): ConnectionView {
    const view = this.one(id);
    change(view);
    this.tell(id);
    return structuredClone(view);
  }

  /** Tells that a connection changed, as the app does unasked. */
  tell = (id: string): void => this.heardStatus.forEach((heard) => heard(id));

  async appInfo(): Promise<AppInfo> {
    await this.ask("appInfo");
    return { version: "0.1.0", practice: false, operator: "jo", problem: null, tray: true, system_language: "en", preferences_problem: null, ...this.play.info };
  }
  async retryStart(): Promise<AppInfo> {
    await this.ask("retryStart");
    return this.appInfo();
  }
  async setStoreAside(): Promise<AppInfo> {
    await this.ask("setStoreAside");
    return { ...(await this.appInfo()), problem: null };
  }
  async preferences(): Promise<Preferences> {
    await this.ask("preferences");
    return this.prefer;
  }
  async setPreferences(preferences: Preferences): Promise<Preferences> {
    await this.ask("setPreferences");
    return (this.prefer = preferences);
  }
  quit = (): Promise<void> => this.ask("quit");

  async connections(): Promise<ConnectionView[]> {
    await this.ask("connections");
    return structuredClone(this.views);
  }
  async connection(id: string): Promise<ConnectionView> {
    await this.ask("connection");
    return structuredClone(this.one(id));
  }
  async beginSetup(): Promise<ConnectionView> {
    await this.ask("beginSetup");
    const view = at("before", (made) => (made.connection.id = `c${this.views.length + 1}`));
    this.views.push(view);
    return structuredClone(view);
  }
  async beginPractice(): Promise<ConnectionView> {
    await this.ask("beginPractice");
    const view = practising(at("before"));
    this.views.push(view);
    return structuredClone(view);
  }
  async removeConnection(id: string): Promise<void> {
    await this.ask("removeConnection");
    this.views = this.views.filter((view) => view.connection.id !== id);
  }
  renameConnection: Host["renameConnection"] = (id, name) => this.change("renameConnection", id, (view) => (view.connection.name = name));

  async readDomain(typed: string): Promise<DomainReading> {
    await this.ask("readDomain");
    return reading(typed);
  }
  async discoverDomain(_id: string, typed: string): Promise<OrgFound> {
    await this.ask("discoverDomain");
    await rest(this.play.pace ?? 0);
    const read = reading(typed);
    if (read.kind === "no") throw new Refusal(problem(read.code));
    const url = read.kind === "org" ? read.url : "https://acme.okta.com";
    const through = read.kind === "custom" ? read.host : null;
    return { org_id: "00o1ab2cd3EF4gh5i6j7", origin: { kind: "okta", at: new URL(url).host }, url, pipeline: "idx", through, noticed: read.noticed, ...this.play.org };
  }
  async setDomain(id: string, typed: string): Promise<ConnectionView> {
    const found = await this.discoverDomain(id, typed);
    return this.change("setDomain", id, (view) => {
      view.okta_url = found.url;
      view.connection.org_id = found.org_id;
      view.connection.origin = found.origin;
      view.connection.name = new URL(found.url).host.split(".")[0] ?? view.connection.name;
      view.setup.typed_domain = typed;
    });
  }
  goToStep: Host["goToStep"] = (id, step) => this.change("goToStep", id, (view) => (view.setup.step = step));
  setProfile: Host["setProfile"] = (id, profile) => this.change("setProfile", id, (view) => (view.connection.profile = profile));
  setNames: Host["setNames"] = (id, token, credential) =>
    this.change("setNames", id, (view) => Object.assign(view.setup, { token_name: token, credential_name: credential }));
  confirm: Host["confirm"] = (id, what, yes) =>
    this.change("confirm", id, (view) => {
      const others = view.setup.confirmed.filter((one) => one.what !== what);
      view.setup.confirmed = yes ? [...others, { what, at: NOW, by: "jo" }] : others;
    });
  finishSetup: Host["finishSetup"] = (id, keep) =>
    this.change("finishSetup", id, (view) => {
      view.connection.keep = keep;
      view.setup.finished = NOW;
      view.status = { ...view.status, state: "ok", arrival_verified: view.setup.arrival !== null, as_of: NOW };
    });

  async keychainProbe(): Promise<string> {
    await this.ask("keychainProbe");
    return "Secret Service (GNOME Keyring)";
  }
  storeSecret: Host["storeSecret"] = async (id, name, value, thisRunOnly) => {
    const code = await this.tokenShape(value);
    if (code && code !== "token_odd_shape" && name !== "radiant_search_token") throw new Refusal(problem(code));
    return this.change("storeSecret", id, (view) => (name === "previous_okta_token" ? pastedOld(view) : keepSecret(view, name, thisRunOnly)));
  };
  tokenShape: Host["tokenShape"] = async (value) => {
    await this.ask("tokenShape");
    const text = value.trim().replace(/^SSWS /i, "");
    if (text === "") return "token_empty";
    if (/^00T[\w-]{17}$/.test(text)) return "token_is_id";
    if (/^https?:|@/.test(text)) return "token_is_address";
    if (/\s/.test(text)) return "token_has_blanks";
    return /^00[\w-]{40}$/.test(text) ? null : "token_odd_shape";
  };
  forgetSecret = (id: string, name: SecretName): Promise<ConnectionView> =>
    this.change("forgetSecret", id, (view) => forgotten(view, name));

  async runChecks(id: string, only: CheckId[] | null, news: (news: CheckNews) => void): Promise<CheckReport> {
    await this.ask("runChecks");
    const script = this.play.report ?? report([], capabilities("all"), this.one(id).secrets.some((one) => one.name === "radiant_search_token" && one.since));
    await this.run(id, script, only ?? CHECKS, news);
    const kept = this.update(id, (view) => (view.report = script));
    return kept.report ?? script;
  }
  private async run(id: string, script: CheckReport, checks: readonly CheckId[], news: (news: CheckNews) => void): Promise<CheckReport> {
    this.stopped.delete(`checks ${id}`);
    for (const check of checks) {
      news({ kind: "running", row: check });
      await rest(this.play.pace ?? 0);
      if (this.stopped.has(`checks ${id}`)) break;
      const found = script.rows.find((row) => row.check === check);
      if (found) news({ kind: "answered", row: found });
    }
    return script;
  }
  cancelChecks = async (id: string): Promise<void> => void this.stopped.add(`checks ${id}`);

  /** Plays the system's question: open while the command hangs, until it is taken back. */
  private async question(name: "copyValue" | "setPresence"): Promise<void> {
    this.heardPresence.forEach((heard) => heard(true));
    const takenBack = new Promise<never>((_, refuse) => (this.takeBack = () => refuse(new Refusal(problem("cancelled")))));
    try {
      await Promise.race([this.ask(name), takenBack]);
    } finally {
      this.heardPresence.forEach((heard) => heard(false));
    }
  }
  policy: Host["policy"] = () => this.monitor.policy();
  launchAtLogin: Host["launchAtLogin"] = () => this.monitor.launch();
  setLaunchAtLogin: Host["setLaunchAtLogin"] = (on) => this.monitor.launch(on);
  presenceSetting: Host["presenceSetting"] = () => this.ask("presenceSetting").then(() => this.presence);
  setPresence: Host["setPresence"] = async (on) => {
    await (on ? this.ask("setPresence") : this.question("setPresence"));
    return (this.presence = { ...this.presence, on });
  };
  cancelPresence = async (): Promise<void> => {
    await this.ask("cancelPresence");
    this.takeBack();
  };

  async copyValue(_id: string, what: CopyWhat): Promise<Copied> {
    await (what.endsWith("api_token") && this.presence.on ? this.question("copyValue") : this.ask("copyValue"));
    if (!what.endsWith("api_token")) return { clears_in_s: null, history_excluded: false, can_clear: true };
    for (const news of this.play.clipboard ?? [{ state: "counting", seconds_left: 23 }]) {
      setTimeout(() => this.heardClipboard.forEach((heard) => heard(news)), 0);
    }
    return this.play.copied ?? { clears_in_s: 30, history_excluded: true, can_clear: true };
  }
  clearClipboard = (): Promise<void> => this.ask("clearClipboard");
  clipboardHoldsSecret = async (): Promise<boolean> => this.play.holdsSecret ?? false;
  openLink = (): Promise<void> => this.ask("openLink");
  async copyLink(): Promise<string> {
    await this.ask("copyLink");
    return "https://acme-admin.okta.com/admin/access/api/tokens";
  }

  setRadiantSearch: Host["setRadiantSearch"] = (id, search) => this.change("setRadiantSearch", id, (view) => (view.connection.radiant = search));
  discoverRadiant: Host["discoverRadiant"] = async () => {
    await this.ask("discoverRadiant");
    const types = [
      { name: "okta_logs", events: 4210 },
      { name: "ms365_identity_risk", events: 87 },
    ];
    return { connector_types: types, okta_type: "okta_logs", timestamp_field: "rs_timestamp", problem: null };
  };
  watchArrival: Host["watchArrival"] = (id, tick) => this.look("watchArrival", id, tick, (view, found) => (view.setup.arrival = found));
  private async look(
    name: keyof Host,
    id: string,
    tick: (tick: ArrivalTick) => void,
    keep: (view: ConnectionView, found: Arrival) => void,
  ): Promise<Arrival | null> {
    await this.ask(name);
    this.stopped.delete(`arrival ${id}`);
    for (const one of this.play.ticks ?? []) {
      await rest(this.play.pace ?? 0);
      if (this.stopped.has(`arrival ${id}`)) return null;
      tick(one);
      if (one.found) {
        const { found } = one;
        this.update(id, (view) => keep(view, found));
        return found;
      }
    }
    return new Promise(() => undefined);
  }
  cancelArrival = async (id: string): Promise<void> => void this.stopped.add(`arrival ${id}`);

  beginRotation: Host["beginRotation"] = (id) =>
    this.change("beginRotation", id, (view) => {
      if (!view.rotation || view.rotation.finished) view.rotation = begun(view);
    });
  checkNewToken: Host["checkNewToken"] = async (id, news) => {
    await this.ask("checkNewToken");
    const found = await this.run(id, this.play.report ?? report(), CHECKS, news);
    this.update(id, (view) => view.rotation && checked(view.rotation));
    return found;
  };
  acceptOtherOwner: Host["acceptOtherOwner"] = (id, yes) =>
    this.change("acceptOtherOwner", id, (view) => view.rotation && (view.rotation.other_owner = yes ? { at: NOW, by: "jo" } : null));
  confirmCredentialUpdated: Host["confirmCredentialUpdated"] = (id, yes) =>
    this.change("confirmCredentialUpdated", id, (view) => view.rotation && (view.rotation.updated = yes ? { at: NOW, by: "jo" } : null));
  goToRotationStep: Host["goToRotationStep"] = (id, to) => this.change("goToRotationStep", id, (view) => step(view, to));
  watchRotation: Host["watchRotation"] = (id, tick) => this.look("watchRotation", id, tick, (view, found) => view.rotation && (view.rotation.found = found));
  revokeOldToken: Host["revokeOldToken"] = (id) => this.change("revokeOldToken", id, (view) => over(view, "by_app"));
  oldTokenRevoked: Host["oldTokenRevoked"] = (id) => this.change("oldTokenRevoked", id, (view) => over(view, view.rotation?.asked ? "after_asking" : "seen_refused"));
  confirmOldTokenRevoked: Host["confirmOldTokenRevoked"] = (id) => this.change("confirmOldTokenRevoked", id, (view) => over(view, "by_word"));
  cancelRotation: Host["cancelRotation"] = (id) => this.change("cancelRotation", id, cancelled);
  practiceNewToken: Host["practiceNewToken"] = (id) => this.change("practiceNewToken", id, (view) => keepSecret(view, "next_okta_token"));
  practiceOldToken: Host["practiceOldToken"] = (id) => this.change("practiceOldToken", id, pastedOld);
  monitorSettings = (): Promise<MonitorSettings> => this.monitor.settings();
  changeMonitorSettings: Host["changeMonitorSettings"] = (change) => this.monitor.change(change);
  pauseNotices: Host["pauseNotices"] = (until) => this.monitor.pause(until);
  putOffReminder: Host["putOffReminder"] = (id, kind) => this.change("putOffReminder", id, (view) => done(view, kind));
  dismissReminder: Host["dismissReminder"] = (id, kind) => this.change("dismissReminder", id, (view) => done(view, kind));
  confirmOwner: Host["confirmOwner"] = (id) => this.change("confirmOwner", id, confirmed);
  history: Host["history"] = (id, span) => this.monitor.history(id, span);
  saveHistory: Host["saveHistory"] = (_id, span) => this.monitor.save("history", span);
  saveChanges: Host["saveChanges"] = (_id, span) => this.monitor.save("changes", span);
  landing = (): Promise<Landing | null> => this.monitor.landing();
  onSettingsChanged: Host["onSettingsChanged"] = async (heard) => this.monitor.onChanged(heard);
  /** Plays a change that was made elsewhere. */
  elsewhere = (change: Partial<MonitorSettings>): void => this.monitor.elsewhere(change);
  onLandingWanted: Host["onLandingWanted"] = async (heard) => this.monitor.onLandingWanted(heard);
  /** Plays a click on a notice. */
  click = (landing: Landing): void => this.monitor.click(landing);
  pauseChecks: Host["pauseChecks"] = (id, pause) =>
    this.change("pauseChecks", id, (view) => {
      view.watch.paused_since = pause ? NOW : null;
      view.status = { ...view.status, state: pause ? "paused" : "ok", problem: null, row: null, since: view.watch.paused_since };
    });

  setupReport: Host["setupReport"] = () => this.papers.report();
  saveReport: Host["saveReport"] = (_id, form) => this.papers.saveReport(form);
  exportConnections: Host["exportConnections"] = () => this.papers.export();
  lookAtImport: Host["lookAtImport"] = () => this.papers.look();
  importConnections: Host["importConnections"] = async () => this.papers.take(this.views);
  dataKept: Host["dataKept"] = () => this.papers.dataKept();
  keepHistory: Host["keepHistory"] = (days) => this.papers.keepHistory(days);
  copyPlace: Host["copyPlace"] = (place) => this.papers.copyPlace(place);
  diagnostics: Host["diagnostics"] = (redact) => this.papers.diagnostics(redact);
  saveDiagnostics: Host["saveDiagnostics"] = () => this.papers.saveDiagnostics();
  askDocs: Host["askDocs"] = (_id, question) => this.papers.docs(question);

  practiceTokens: Host["practiceTokens"] = async () => {
    await this.ask("practiceTokens");
    return PRACTICE_TOKENS;
  };
  practiceToken: Host["practiceToken"] = (id) => this.change("practiceToken", id, (view) => keepSecret(view, "okta_token"));
  practiceCopyToken: Host["practiceCopyToken"] = async () => {
    await this.ask("practiceCopyToken");
    return { clears_in_s: 30, history_excluded: true, can_clear: true };
  };
  practiceCredential = (): Promise<void> => this.ask("practiceCredential");
  practiceRadiantToken: Host["practiceRadiantToken"] = (id) => this.change("practiceRadiantToken", id, (view) => keepSecret(view, "radiant_search_token"));
  practiceFault: Host["practiceFault"] = async (fault) => {
    await this.ask("practiceFault");
    this.trouble = fault;
  };
  practiceTrouble: Host["practiceTrouble"] = async () => {
    await this.ask("practiceTrouble");
    return this.trouble;
  };

  onStatusChanged = async (heard: (id: string) => void): Promise<Unlisten> => {
    this.heardStatus.push(heard);
    return () => (this.heardStatus = this.heardStatus.filter((one) => one !== heard));
  };
  onPresenceNews = async (heard: (open: boolean) => void): Promise<Unlisten> => {
    this.heardPresence.push(heard);
    return () => (this.heardPresence = this.heardPresence.filter((one) => one !== heard));
  };
  onClipboardNews = async (heard: (news: ClipboardNews) => void): Promise<Unlisten> => {
    this.heardClipboard.push(heard);
    return () => (this.heardClipboard = this.heardClipboard.filter((one) => one !== heard));
  };
}
