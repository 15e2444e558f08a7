/**
 * The state that all of the window shares: facts about the app, the connections, the preferences, and the screen that is shown.
 * It loads what the app answers and keeps it; it never holds a secret and never judges a connection.
 */
import { SvelteSet } from "svelte/reactivity";

import { commands, events } from "../host/commands";
import type { AppInfo, CheckId, ConnectionView, LinkTarget, Preferences, Problem, Profile, ReminderKind, GuideStep } from "../host/model";
import { problemOf } from "../host/problem";
import { type CatalogLanguage, setLanguage } from "../messages";
import { OperationRunner } from "./operation_runner.svelte";
import { OrgPolicy } from "./org_policy.svelte";
import { Reauthentication } from "./reauthentication.svelte";
import { ResponseActions } from "./response_actions.svelte";
import { OptimisticValue } from "./optimistic_value";
import { validZoom } from "./shortcuts";

/** The sections of the settings page, in order. */
export const SETTINGS_SECTIONS = ["appearance", "monitoring", "alerts", "reauthentication", "transfer", "retention", "diagnostics", "about", "quit"] as const;
export type SettingsSection = (typeof SETTINGS_SECTIONS)[number];
/** The groups of the monitoring section, in order. */
export const MONITORING_GROUPS = ["intervals", "notifications", "reminders", "maintenance", "autostart"] as const;
/** A place on the settings page that the navigation leads to. */
export type SettingsPlace = SettingsSection | (typeof MONITORING_GROUPS)[number];

/** The tabs of a connection's page, in order. */
export const CONNECTION_TABS = ["overview", "checks", "permissions", "history", "actions", "relay", "report"] as const;
export type ConnectionTab = (typeof CONNECTION_TABS)[number];

/** The screen that is shown. */
export type Screen =
  | { name: "welcome" | "overview" | "diagnostics" | "licenses" }
  | { name: "settings"; section?: SettingsSection }
  | { name: "connection"; id: string; tab?: ConnectionTab; row?: CheckId | null; run?: boolean }
  | { name: "guide" | "edit" | "rotation" | "finished"; id: string };

/** Changes that arrive within this many milliseconds are loaded together. */
const COALESCE_MS = 16;
/** From this many changed connections on, the whole list is loaded at once. */
const RELOAD_ALL_FROM = 6;
/** How many earlier screens are kept for going back. */
const MAX_EARLIER = 50;

/** The window's shared state. */
export class App extends OperationRunner {
  phase = $state<"loading" | "ready" | "blocked">("loading");
  info = $state.raw<AppInfo | null>(null);
  views = $state.raw<ConnectionView[]>([]);
  preferences = $state.raw<Preferences>({ theme: "system", language: "system", zoom: 100 });
  screen = $state.raw<Screen>({ name: "welcome" });
  /** Why the connections could not be listed. */
  listProblem = $state.raw<Problem | null>(null);
  helpOpen = $state(false);
  /** The lines of the list whose expansion was changed by hand; they stay so when the list is shown again. */
  readonly toggled = new SvelteSet<string>();
  /** Whether the practice controls are docked beside the page. */
  practiceControlsOpen = $state(false);
  /** Runs the checks of what is shown; `null` where there is nothing to check. With `restart`, a run under way starts again. */
  checkNow = $state.raw<((restart?: boolean) => void) | null>(null);
  readonly reauthentication = new Reauthentication();
  readonly policy = new OrgPolicy();
  /** Ids of connections that changed and are not loaded again yet. */
  private changed: string[] = [];
  /** The screens before this one, the newest last. */
  private earlier: Screen[] = [];
  /** The response actions of each connection, whose run outlives the page. */
  private readonly responseActions: Record<string, ResponseActions | undefined> = {};
  private optimisticPreferences: OptimisticValue<Preferences> | null = null;

  /** The language of the window: the chosen one, else the system's, else English. */
  get language(): CatalogLanguage {
    const chosen = this.preferences.language === "system" ? this.info?.system_language : this.preferences.language;
    return chosen === "de" ? "de" : "en";
  }

  /** Whether the screen belongs to the practice organization. */
  get practice(): boolean {
    const screen = this.screen;
    if (this.info?.practice) return true;
    return "id" in screen && (this.view(screen.id)?.practice ?? false);
  }

  view(id: string): ConnectionView | undefined {
    return this.views.find((view) => view.connection.id === id);
  }

  /** Subscribes to the app's events, loads the first state and opens the initial screen. */
  async start(): Promise<void> {
    this.phase = "loading";
    try {
      await events.statusChanged.listen(({ payload }) => this.onStatusChanged(payload.id));
      await events.landingWanted.listen(() => void this.openPendingNavigation());
      await events.appInfoChanged.listen(() => void this.reloadInfo());
      await this.reauthentication.listen();
      this.preferences = await commands.preferences();
      await this.finishStart(await commands.appInfo());
    } catch (thrown) {
      this.problem = problemOf(thrown);
      this.phase = "blocked";
    }
  }

  async retryStart(): Promise<void> {
    await this.run("retry", async () => this.finishStart(await commands.retryStart()));
  }

  async setStoreAside(): Promise<void> {
    await this.run("aside", async () => this.finishStart(await commands.setStoreAside()));
  }

  private async finishStart(info: AppInfo): Promise<void> {
    this.info = info;
    await setLanguage(this.language);
    if (info.problem) {
      this.phase = "blocked";
      return;
    }
    await this.reloadAll();
    this.phase = "ready";
    this.openInitialScreen();
    await this.openPendingNavigation();
  }

  /** Loads the app's information again after its tray or its background process changed. */
  private async reloadInfo(): Promise<void> {
    try {
      this.info = await commands.appInfo();
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  async reloadAll(): Promise<void> {
    this.listProblem = null;
    try {
      this.views = await commands.connections();
    } catch (thrown) {
      this.listProblem = problemOf(thrown);
    }
  }

  /** Opens the guide of the only, unfinished connection, else the overview, else the welcome screen. */
  openInitialScreen(): void {
    const only = this.views.length === 1 ? this.views[0] : undefined;
    if (this.views.length === 0 && !this.listProblem) this.screen = { name: "welcome" };
    else if (only && !only.setup.finished) this.screen = { name: "guide", id: only.connection.id };
    else this.screen = { name: "overview" };
  }

  /** Opens what a clicked notification points to: the failing check of a connection, or the overview. */
  async openPendingNavigation(): Promise<void> {
    if (this.phase !== "ready") return;
    try {
      const target = await commands.landing();
      if (!target) return;
      if (target.id && !this.view(target.id)) await this.reload(target.id);
      if (target.id && this.view(target.id)) this.open({ name: "connection", id: target.id, row: target.row });
      else this.open({ name: "overview" });
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  open(screen: Screen): void {
    if (!isSameScreen(screen, this.screen)) this.earlier = [...this.earlier, this.screen].slice(-MAX_EARLIER);
    this.show(screen);
  }

  /** Hides the problem that is shown above every page. */
  dismissProblem(): void {
    this.problem = null;
  }

  private show(screen: Screen): void {
    this.problem = null;
    this.screen = screen;
    // Another process may have added or removed connections.
    if (screen.name === "overview") void this.reloadAll();
  }

  /** The start of the app: the connections, or the welcome screen where there is none. */
  private get home(): Screen {
    return { name: this.views.length === 0 && !this.listProblem ? "welcome" : "overview" };
  }

  goHome(): void {
    this.open(this.home);
  }

  /** Opens the screen before this one that still exists, else the start of the app. */
  goBack(): void {
    const exists = (screen: Screen): boolean => !("id" in screen) || this.view(screen.id) !== undefined;
    const before = this.earlier.findLastIndex((screen) => exists(screen) && !isSameScreen(screen, this.screen));
    const screen = this.earlier[before] ?? this.home;
    this.earlier = this.earlier.slice(0, Math.max(0, before));
    // Coming back runs no check again and leads to no row.
    this.show(screen.name === "connection" ? { ...screen, run: false, row: null } : screen);
  }

  /** Lets a page offer its checks to the shortcut, until the returned function is called. */
  offerCheck(run: (restart?: boolean) => void): () => void {
    this.checkNow = run;
    return () => {
      if (this.checkNow === run) this.checkNow = null;
    };
  }

  togglePracticeControls(): void {
    this.practiceControlsOpen = !this.practiceControlsOpen;
  }

  /** Closes the practice controls and returns the focus to their button. */
  closePracticeControls(): void {
    this.practiceControlsOpen = false;
    document.getElementById("practice-controls-button")?.focus();
  }

  /** Shows another tab of the connection's page; going back leaves the page, not the tab. */
  showTab(tab: ConnectionTab): void {
    if (this.screen.name === "connection") this.screen = { ...this.screen, tab, row: null, run: false };
  }

  /** Whether a line of the list is expanded. The only connection is, until it is folded. */
  isExpanded(id: string): boolean {
    return this.toggled.has(id) !== (this.views.length === 1);
  }

  setExpanded(id: string, expanded: boolean): void {
    if (this.isExpanded(id) === expanded) return;
    if (!this.toggled.delete(id)) this.toggled.add(id);
  }

  /** Returns the response actions of a connection: those with a run or its result, else new ones. */
  responses(id: string): ResponseActions {
    const known = this.responseActions[id];
    if (known?.hasRun) {
      known.resume();
      return known;
    }
    const created = new ResponseActions(id);
    this.responseActions[id] = created;
    return created;
  }

  /** Replaces a connection's view with a newer one. */
  updateView(view: ConnectionView): void {
    const known = this.views.some((one) => one.connection.id === view.connection.id);
    this.views = known ? this.views.map((one) => (one.connection.id === view.connection.id ? view : one)) : [...this.views, view];
  }

  /** Collects changed connections, so that a hundred changes at once redraw the list once. */
  private onStatusChanged(id: string): void {
    if (this.changed.length === 0) setTimeout(() => void this.reloadChanged(), COALESCE_MS);
    if (!this.changed.includes(id)) this.changed.push(id);
  }

  private async reloadChanged(): Promise<void> {
    const ids = this.changed;
    this.changed = [];
    if (ids.length >= RELOAD_ALL_FROM) await this.reloadAll();
    else await Promise.all(ids.map((id) => this.reload(id)));
  }

  async reload(id: string): Promise<void> {
    try {
      this.updateView(await commands.connection(id));
    } catch (thrown) {
      if (problemOf(thrown).code === "connection_unknown") this.views = this.views.filter((view) => view.connection.id !== id);
    }
  }

  async beginSetup(practice: boolean): Promise<void> {
    await this.run(practice ? "practice" : "setup", async () => {
      const view = practice ? await commands.beginPractice() : await commands.beginSetup();
      this.updateView(view);
      this.open({ name: "guide", id: view.connection.id });
    });
  }

  /** Opens the guide of a connection, at `step` when one is given. */
  async openGuide(id: string, step?: GuideStep): Promise<void> {
    await this.run("guide", async () => {
      if (step) this.updateView(await commands.goToStep(id, step));
      this.open({ name: "guide", id });
    });
  }

  /** Begins to replace a token that no longer works, or returns to that, in the guide. */
  async replaceToken(id: string): Promise<void> {
    await this.run("replace", async () => {
      this.updateView(await commands.beginReplacement(id));
      this.open({ name: "guide", id });
    });
  }

  /** Opens the token rotation of a connection at the step it was left at. */
  async openRotation(id: string): Promise<void> {
    await this.run("rotate", async () => {
      this.updateView(await commands.beginRotation(id));
      this.open({ name: "rotation", id });
    });
  }

  async rename(id: string, name: string): Promise<boolean> {
    return this.run("rename", async () => this.updateView(await commands.renameConnection(id, name)));
  }

  /** Switches the profile and runs the checks for the new one on the connection's page. */
  async switchProfile(id: string, profile: Profile): Promise<void> {
    await this.run("profile", async () => {
      this.updateView(await commands.setProfile(id, profile));
      this.open({ name: "connection", id, run: true });
    });
  }

  /** Pauses the checks of a connection, until a time where one is given, or resumes them. Radiant keeps reading Okta either way. */
  async pauseChecks(id: string, pause: boolean, until: string | null = null): Promise<boolean> {
    return this.run(`pause ${id}`, async () => this.updateView(await commands.pauseChecks(id, pause, until)));
  }

  async postponeReminder(id: string, kind: ReminderKind, days: number): Promise<boolean> {
    return this.run(`later ${kind}`, async () => this.updateView(await commands.postponeReminder(id, kind, days)));
  }

  async dismissReminder(id: string, kind: ReminderKind): Promise<boolean> {
    return this.run(`dismiss ${kind}`, async () => this.updateView(await commands.dismissReminder(id, kind)));
  }

  async confirmOwner(id: string): Promise<boolean> {
    return this.run("owner", async () => this.updateView(await commands.confirmOwner(id)));
  }

  async remove(id: string): Promise<boolean> {
    return this.run("remove", async () => {
      await commands.removeConnection(id);
      this.responseActions[id] = undefined;
      this.views = this.views.filter((view) => view.connection.id !== id);
      this.open({ name: this.views.length === 0 ? "welcome" : "overview" });
    });
  }

  async changePreferences(change: Partial<Preferences>): Promise<void> {
    await this.run("preferences", () => this.storePreferences(change));
  }

  private async storePreferences(change: Partial<Preferences>): Promise<void> {
    this.optimisticPreferences ??= new OptimisticValue(this.preferences, (preferences) => (this.preferences = preferences));
    await this.optimisticPreferences.change((stored) => ({ ...stored, ...change }), (wanted) => commands.setPreferences(wanted));
  }

  /** The zoom in percent, within the levels that are offered. */
  get zoom(): number {
    return validZoom(this.preferences.zoom);
  }

  /** Changes the zoom. A problem that is shown stays. */
  async setZoom(zoom: number): Promise<void> {
    if (zoom === this.zoom) return;
    await this.storePreferences({ zoom }).catch((thrown: unknown) => (this.problem = problemOf(thrown)));
  }

  async openLink(id: string | null, link: LinkTarget): Promise<void> {
    await this.run("link", () => commands.openLink(id, link));
  }

  quit(): void {
    void commands.quit();
  }
}

/** Whether two screens are the same page, whatever part of it is shown. */
function isSameScreen(a: Screen, b: Screen): boolean {
  return a.name === b.name && ("id" in a ? a.id : "") === ("id" in b ? b.id : "");
}
