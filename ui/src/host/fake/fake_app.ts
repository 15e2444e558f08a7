/**
 * A fake app below the generated commands, for tests and for the page that shows every state: `mockIPC` hands each command to
 * a handler. It keeps connections in memory, answers at the scenario's pace, and refuses what the scenario names. A pasted value
 * is never stored, only the fact that something was pasted.
 */
import { mockIPC } from "@tauri-apps/api/mocks";

import { events } from "../commands";
import type { AppInfo, Arrival, ArrivalTick, CheckId, CheckProgress, CheckReport, ClipboardCountdown, ConnectionView, Copied, NavigationTarget, MonitorSettings, OrgFound, Preferences, ReauthenticationSetting, Problem, PracticeScenario } from "../model";
import { alertHandlers, type AlertScenario } from "./alert_handlers";
import { actionHandlers, type ActionScenario } from "./action_handlers";
import { capabilities, CHECKS, keepArrival, keepSecret, NOW, PRACTICE_TOKENS, practiceView, problem, report, viewAtStep } from "./connection_views";
import { documentHandlers, type DocumentScenario } from "./document_handlers";
import { parseDomain } from "./domain_reading";
import { beginReplacement, changeStep, followAcceptance, followConfirmation, goToSetupStep, setMissing } from "./guide_views";
import type { CommandName, Handlers } from "./handler_types";
import { fakeMonitoring, type MonitoringScenario } from "./monitoring_handlers";
import { relayHandlers, type RelayScenario } from "./relay_handlers";
import { confirmOwner, removeReminders } from "./reminder_views";
import { attest, beginRotation, cancelRotation, finishRotation, forgetSecret, goToStep, pasteOldToken, storeCheckResult } from "./rotation_views";

/** What a scenario fixes. */
export type Scenario = MonitoringScenario &
  DocumentScenario &
  RelayScenario &
  AlertScenario & {
    info?: Partial<AppInfo>;
    preferences?: Preferences;
    views?: ConnectionView[];
    /** What the checks answer. */
    report?: CheckReport;
    /** Milliseconds between two rows or comparisons. */
    pace?: number;
    /** The comparisons of an arrival probe, in order; the last may hold the match. */
    ticks?: ArrivalTick[];
    /** Commands that are refused, with their problem. */
    refuse?: Partial<Record<CommandName, Problem>>;
    /** Commands that never answer. */
    hang?: CommandName[];
    org?: Partial<OrgFound>;
    /** Response actions. */
    actions?: ActionScenario;
    copied?: Copied;
    clipboard?: ClipboardCountdown[];
    holdsSecret?: boolean;
    /** The re-authentication setting; its dialog is open while `copyValue` or `setReauthentication` hangs. */
    reauthentication?: ReauthenticationSetting;
  };

const COPIED: Copied = { clears_in_s: 30, history_excluded: true, can_clear: true };
const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const camelCase = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** The scripted app; creating it replaces the one before. */
export class FakeApp {
  /** The names of the commands that were called, in order. */
  readonly calls: string[] = [];
  readonly refuse: NonNullable<Scenario["refuse"]>;
  /** The answer to each command; a test may replace one. */
  readonly handlers: Handlers;
  /** Changes settings as the tray or another process does. */
  readonly changeSettingsElsewhere: (change: Partial<MonitorSettings>) => void;
  /** Clicks a desktop notification. */
  readonly clickNotification: (landing: NavigationTarget) => void;
  private views: ConnectionView[];
  private reauthentication: ReauthenticationSetting;
  private readonly stopped = new Set<string>();
  private cancelDialog: () => void = () => undefined;

  constructor(private readonly scenario: Scenario) {
    this.views = structuredClone(scenario.views ?? []);
    this.refuse = { ...scenario.refuse };
    this.reauthentication = scenario.reauthentication ?? { on: true, cannot: null };
    const { handlers, changeElsewhere, clickNotification } = fakeMonitoring(scenario);
    this.handlers = { ...this.appHandlers(), ...this.guideHandlers(), ...this.checkHandlers(), ...this.rotationHandlers(), ...this.practiceHandlers(), ...handlers, ...actionHandlers(scenario.actions), ...documentHandlers(scenario, () => this.views), ...relayHandlers(scenario, (id) => void this.update(id, (view) => keepSecret(view, "events_webhook_token"))), ...alertHandlers(scenario, scenario.policy) };
    this.changeSettingsElsewhere = changeElsewhere;
    this.clickNotification = clickNotification;
    mockIPC((command, args) => this.receive(camelCase(command) as CommandName, Object.values(args ?? {})), { shouldMockEvents: true });
  }

  /** Reports that a connection changed, as the app does on its own. */
  changeStatus(id: string): void {
    void events.statusChanged.emit({ id });
  }

  /** Answers a command whose arguments stand in the order of its parameters, as the generated code sends them. */
  private async receive(name: CommandName, args: unknown[]): Promise<unknown> {
    const needsDialog = (name === "copyValue" && String(args[1]).endsWith("api_token") && this.reauthentication.on) || (name === "setReauthentication" && args[0] === false);
    return structuredClone(await (needsDialog ? this.withDialog(() => this.call(name, args)) : this.call(name, args)));
  }

  private async call(name: CommandName, args: unknown[]): Promise<unknown> {
    this.calls.push(name);
    if (this.scenario.hang?.includes(name)) await new Promise(() => undefined);
    const refused = this.refuse[name];
    if (refused) throw refused;
    return (this.handlers[name] as (...args: unknown[]) => unknown)(...args);
  }

  /** Keeps the system's re-authentication dialog open while a command runs, until it is canceled. */
  private async withDialog(run: () => Promise<unknown>): Promise<unknown> {
    void events.reauthenticationPrompt.emit({ open: true });
    const canceled = new Promise<never>((_, refuse) => (this.cancelDialog = () => refuse(problem("cancelled"))));
    try {
      return await Promise.race([run(), canceled]);
    } finally {
      void events.reauthenticationPrompt.emit({ open: false });
    }
  }

  /** Changes the app's information, as a tray or a background process that comes or goes does. */
  changeInfo(change: Partial<AppInfo>): void {
    this.scenario.info = { ...this.scenario.info, ...change };
    void events.appInfoChanged.emit();
  }

  private view(id: string): ConnectionView {
    const view = this.views.find((one) => one.connection.id === id);
    if (!view) throw problem("connection_unknown");
    return view;
  }

  private update(id: string, change: (view: ConnectionView) => void): ConnectionView {
    const view = this.view(id);
    change(view);
    this.changeStatus(id);
    return view;
  }

  private add(view: ConnectionView): ConnectionView {
    this.views.push(view);
    return view;
  }

  private appHandlers() {
    let preferences = this.scenario.preferences ?? { theme: "system", language: "en" };
    const info = (): AppInfo => ({ version: "0.1.0", practice: false, operator: "jo", problem: null, tray: true, system_language: "en", preferences_problem: null, start_again: false, background_problem: null, ...this.scenario.info });
    return {
      appInfo: info,
      retryStart: info,
      setStoreAside: () => ({ ...info(), problem: null }),
      preferences: () => preferences,
      setPreferences: (changed) => (preferences = changed),
      quit: () => undefined,
      reportFirstPaint: () => undefined,
      connections: () => this.views,
      connection: (id) => this.view(id),
      removeConnection: (id) => void (this.views = this.views.filter((view) => view.connection.id !== id)),
      renameConnection: (id, name) => this.update(id, (view) => (view.connection.name = name)),
      pauseChecks: (id, pause, until) =>
        this.update(id, (view) => {
          view.monitor.paused_since = pause ? NOW : null;
          view.monitor.paused_until = pause ? until : null;
          view.repair = null;
          view.status = { ...view.status, state: pause ? "paused" : "ok", problem: null, row: null, since: view.monitor.paused_since };
        }),
      postponeReminder: (id, kind) => this.update(id, (view) => removeReminders(view, kind)),
      dismissReminder: (id, kind) => this.update(id, (view) => removeReminders(view, kind)),
      confirmOwner: (id) => this.update(id, confirmOwner),
      reauthenticationSetting: () => this.reauthentication,
      setReauthentication: (on) => (this.reauthentication = { ...this.reauthentication, on }),
      cancelReauthentication: () => this.cancelDialog(),
      copyValue: (_id, what) => {
        if (!what.endsWith("api_token")) return { clears_in_s: null, history_excluded: false, can_clear: true };
        for (const news of this.scenario.clipboard ?? [{ state: "counting", seconds_left: 23 }]) setTimeout(() => void events.clipboardNews.emit(news), 0);
        return this.scenario.copied ?? COPIED;
      },
      clearClipboard: () => undefined,
      clipboardHoldsSecret: () => this.scenario.holdsSecret ?? false,
      openLink: () => undefined,
      copyLink: () => "https://acme-admin.okta.com/admin/access/api/tokens",
    } satisfies Partial<Handlers>;
  }

  private guideHandlers() {
    return {
      beginSetup: () => this.add(viewAtStep("before", (made) => (made.connection.id = `c${this.views.length + 1}`))),
      beginPractice: () => this.add(practiceView(viewAtStep("before"))),
      readDomain: parseDomain,
      discoverDomain: async (_id, typed): Promise<OrgFound> => {
        await wait(this.scenario.pace ?? 0);
        const read = parseDomain(typed);
        if (read.kind === "no") throw problem(read.code);
        const url = read.kind === "org" ? read.url : "https://acme.okta.com";
        const through = read.kind === "custom" ? read.host : null;
        return { org_id: "00o1ab2cd3EF4gh5i6j7", origin: { kind: "okta", at: new URL(url).host }, url, pipeline: "idx", through, notes: read.notes, ...this.scenario.org };
      },
      setDomain: async (id, typed) => {
        const found = (await this.call("discoverDomain", [id, typed])) as OrgFound;
        return this.update(id, (view) => {
          view.okta_url = found.url;
          view.connection.org_id = found.org_id;
          view.connection.origin = found.origin;
          view.connection.name = new URL(found.url).host.split(".")[0] ?? view.connection.name;
          view.setup.typed_domain = typed;
          changeStep(view.guide, "domain", { missing: [] });
        });
      },
      goToStep: (id, step) => this.update(id, (view) => goToSetupStep(view, step)),
      beginReplacement: (id) => this.update(id, (view) => beginReplacement(view, NOW)),
      setProfile: (id, profile) =>
        this.update(id, (view) => {
          view.connection.profile = profile;
          if (profile === "ingestion") view.guide.lacks_response_role = false;
          setMissing(view.guide, "action_connector", "action_connector", profile === "response");
        }),
      setNames: (id, token, credential) => this.update(id, (view) => Object.assign(view.setup, { token_name: token, credential_name: credential })),
      confirm: (id, what, yes) =>
        this.update(id, (view) => {
          const others = view.setup.confirmed.filter((one) => one.what !== what);
          view.setup.confirmed = yes ? [...others, { what, at: NOW, by: "jo" }] : others;
          followConfirmation(view, what, yes);
        }),
      acceptIssuer: (id, check, issuer, key) =>
        this.update(id, (view) => {
          const question = check === "tls" ? view.guide.inspection : view.guide.radiant_inspection;
          followAcceptance(view, check, { host: question?.host ?? "", issuer, key, at: NOW, by: "jo" });
        }),
      withdrawIssuer: (id, check) => this.update(id, (view) => followAcceptance(view, check, null)),
      finishSetup: (id, keep) =>
        this.update(id, (view) => {
          view.connection.keep = keep;
          view.setup.finished = NOW;
          view.setup.replacement = null;
          Object.assign(view, { repair: null, status: { ...view.status, problem: null, row: null, since: null } });
          if (keep === "nothing") view.secrets = view.secrets.map((one) => ({ ...one, since: null }));
          view.status = { ...view.status, state: keep === "nothing" ? "unwatched" : "ok", arrival_verified: view.setup.arrival !== null, as_of: NOW };
        }),
      keychainProbe: () => "Secret Service (GNOME Keyring)",
      tokenShape: (value) => {
        const text = value.trim().replace(/^SSWS /i, "");
        if (text === "") return "token_empty";
        if (/^00T[\w-]{17}$/.test(text)) return "token_is_id";
        if (/^https?:|@/.test(text)) return "token_is_address";
        if (/\s/.test(text)) return "token_has_blanks";
        return /^00[\w-]{40}$/.test(text) ? null : "token_odd_shape";
      },
      storeSecret: async (id, name, value, thisRunOnly) => {
        const code = await this.handlers.tokenShape(value);
        if (code && code !== "token_odd_shape" && name !== "radiant_search_token") throw problem(code);
        return this.update(id, (view) => (name === "previous_okta_token" ? pasteOldToken(view) : keepSecret(view, name, thisRunOnly)));
      },
      forgetSecret: (id, name) => this.update(id, (view) => forgetSecret(view, name)),
      setRadiantSearch: (id, search) => this.update(id, (view) => (view.connection.radiant = search)),
      discoverRadiant: () => {
        const types = [
          { name: "okta_logs", events: 4210 },
          { name: "ms365_identity_risk", events: 87 },
        ];
        return { connector_types: types, okta_type: "okta_logs", timestamp_field: "rs_timestamp", problem: null };
      },
    } satisfies Partial<Handlers>;
  }

  private checkHandlers() {
    return {
      runChecks: async (id, only, channel) => {
        const script = this.scenario.report ?? report([], capabilities("all"), this.view(id).secrets.some((one) => one.name === "radiant_search_token" && one.since));
        await this.sendRows(id, script, only ?? CHECKS, channel.onmessage);
        this.update(id, (view) => {
          view.report = script;
          for (const item of ["checks", "token_not_accepted"] as const) setMissing(view.guide, "paste_token", item, false);
        });
        return script;
      },
      cancelChecks: (id) => void this.stopped.add(`checks ${id}`),
      watchArrival: (id, channel) => this.sendTicks(id, channel.onmessage, keepArrival),
      cancelArrival: (id) => void this.stopped.add(`arrival ${id}`),
    } satisfies Partial<Handlers>;
  }

  private rotationHandlers() {
    return {
      beginRotation: (id) =>
        this.update(id, (view) => {
          if (!view.rotation || view.rotation.finished) beginRotation(view);
        }),
      checkNewToken: async (id, channel) => {
        const script = this.scenario.report ?? report();
        await this.sendRows(id, script, CHECKS, channel.onmessage);
        this.update(id, (view) => storeCheckResult(view));
        return script;
      },
      acceptOtherOwner: (id, yes) => this.update(id, (view) => attest(view, "other_owner", "paste", "owner", yes)),
      confirmCredentialUpdated: (id, yes) => this.update(id, (view) => attest(view, "updated", "update", "credential_updated", yes)),
      goToRotationStep: (id, to) => this.update(id, (view) => goToStep(view, to)),
      watchRotation: (id, channel) => this.sendTicks(id, channel.onmessage, (view, found) => view.rotation && (view.rotation.found = found)),
      watchAfterRotation: (id, channel) => this.sendTicks(id, channel.onmessage, (view, found) => view.rotation && (view.rotation.found_after_end = found)),
      revokeOldToken: (id) => this.update(id, (view) => finishRotation(view, "by_app", "verified")),
      oldTokenRevoked: (id) => this.update(id, (view) => finishRotation(view, view.rotation?.revocation_sent ? "after_asking" : "seen_refused", "verified")),
      confirmOldTokenRevoked: (id) => this.update(id, (view) => finishRotation(view, "by_word", "confirmed")),
      cancelRotation: (id) => this.update(id, cancelRotation),
    } satisfies Partial<Handlers>;
  }

  private practiceHandlers() {
    let active: PracticeScenario | null = null;
    return {
      practiceTokens: () => PRACTICE_TOKENS,
      practiceToken: (id) => this.update(id, (view) => keepSecret(view, "okta_token")),
      practiceNewToken: (id) => this.update(id, (view) => keepSecret(view, "next_okta_token")),
      practiceOldToken: (id) => this.update(id, pasteOldToken),
      practiceCopyToken: () => COPIED,
      practiceCredential: () => undefined,
      practiceRadiantToken: (id) => this.update(id, (view) => keepSecret(view, "radiant_search_token")),
      practiceFault: (scenario) => void (active = scenario),
      practiceTrouble: () => active,
    } satisfies Partial<Handlers>;
  }

  private async sendRows(id: string, script: CheckReport, checks: readonly CheckId[], send: (progress: CheckProgress) => void): Promise<void> {
    this.stopped.delete(`checks ${id}`);
    for (const check of checks) {
      send({ kind: "running", row: check });
      await wait(this.scenario.pace ?? 0);
      if (this.stopped.has(`checks ${id}`)) break;
      const found = script.rows.find((row) => row.check === check);
      if (found) send({ kind: "answered", row: found });
    }
  }

  private async sendTicks(id: string, send: (tick: ArrivalTick) => void, store: (view: ConnectionView, found: Arrival) => void): Promise<Arrival | null> {
    this.stopped.delete(`arrival ${id}`);
    for (const tick of this.scenario.ticks ?? []) {
      await wait(this.scenario.pace ?? 0);
      if (this.stopped.has(`arrival ${id}`)) return null;
      send(tick);
      const { found } = tick;
      if (!found) continue;
      this.update(id, (view) => store(view, found));
      return found;
    }
    return new Promise(() => undefined);
  }
}
