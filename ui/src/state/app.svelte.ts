/**
 * What the whole window shares: what the app says of itself, the connections, the preferences, and which screen is shown. It asks
 * the host and keeps the answers; it never keeps a secret and never judges a connection.
 */
import { problemOf, type Host } from "../host/problem";
import type { AppInfo, CheckId, ConnectionView, LinkTo, Preferences, Problem, Profile, ReminderKind, SetupStep } from "../host/model";
import type { Tongue } from "../messages";
import { OrgPolicy } from "./org_policy.svelte";
import { Presence } from "./reauthentication.svelte";
import { Choices } from "./serial_queue";

/** A section of the settings, in the order of the page. */
export const SETTINGS_SECTIONS = ["appearance", "watching", "presence", "carry", "kept", "diagnostics", "about"] as const;
export type SettingsSection = (typeof SETTINGS_SECTIONS)[number];
/** A group of a section that has several, in the order of the page. */
export const WATCHING_GROUPS = ["rhythm", "notices", "reminders", "maintenance", "launch"] as const;
/** Where one can go on the page of the settings. */
export type SettingsPlace = SettingsSection | (typeof WATCHING_GROUPS)[number];

/** What the window shows. */
export type Screen =
  | { name: "first" | "overview" | "diagnostics" | "licences" }
  | { name: "settings"; section?: SettingsSection }
  | { name: "connection"; id: string; row?: CheckId | null; run?: boolean }
  | { name: "guide" | "edit" | "rotation"; id: string };

/** Changes that come within so many milliseconds are asked for together. */
const RUSH_MS = 16;
/** From so many changes at once on, the list is asked for as a whole. */
const RUSH = 6;

/** The window's shared state. */
export class App {
  phase = $state<"loading" | "ready" | "blocked">("loading");
  info = $state.raw<AppInfo | null>(null);
  views = $state.raw<ConnectionView[]>([]);
  preferences = $state.raw<Preferences>({ theme: "system", language: "system" });
  screen = $state.raw<Screen>({ name: "first" });
  /** What went wrong with the last thing asked, until it is put away or something else works. */
  problem = $state.raw<Problem | null>(null);
  /** Why the connections could not be listed. */
  listProblem = $state.raw<Problem | null>(null);
  /** The name of the thing under way, so that its button can say so. */
  busy = $state<string | null>(null);
  helpOpen = $state(false);
  readonly presence: Presence;
  readonly policy: OrgPolicy;
  /** The connections that changed and were not asked for anew yet. */
  private changed: string[] = [];
  private preferred: Choices<Preferences> | null = null;

  constructor(readonly host: Host) {
    this.presence = new Presence(host);
    this.policy = new OrgPolicy(host);
  }

  /** The language to speak: the chosen one, else the system's, else English. */
  get tongue(): Tongue {
    const chosen = this.preferences.language === "system" ? this.info?.system_language : this.preferences.language;
    return chosen === "de" ? "de" : "en";
  }

  /** Whether what is shown belongs to the practice organisation. */
  get practice(): boolean {
    const screen = this.screen;
    if (this.info?.practice) return true;
    return "id" in screen && (this.view(screen.id)?.practice ?? false);
  }

  view(id: string): ConnectionView | undefined {
    return this.views.find((view) => view.connection.id === id);
  }

  /** Asks the first questions and chooses the first screen. */
  async start(): Promise<void> {
    this.phase = "loading";
    try {
      await this.host.onStatusChanged((id) => this.heard(id));
      await this.host.onLandingWanted(() => void this.land());
      await this.presence.listen();
      this.preferences = await this.host.preferences();
      await this.settle(await this.host.appInfo());
    } catch (thrown) {
      this.problem = problemOf(thrown);
      this.phase = "blocked";
    }
  }

  async retry(): Promise<void> {
    await this.doing("retry", async () => this.settle(await this.host.retryStart()));
  }

  async setAside(): Promise<void> {
    await this.doing("aside", async () => this.settle(await this.host.setStoreAside()));
  }

  private async settle(info: AppInfo): Promise<void> {
    this.info = info;
    if (info.problem) {
      this.phase = "blocked";
      return;
    }
    await this.list();
    this.phase = "ready";
    this.home();
    await this.land();
  }

  async list(): Promise<void> {
    this.listProblem = null;
    try {
      this.views = await this.host.connections();
    } catch (thrown) {
      this.listProblem = problemOf(thrown);
    }
  }

  /** The screen to start from: the guide that was left, the overview, or the first screen. */
  home(): void {
    const left = this.views.length === 1 ? this.views[0] : undefined;
    if (this.views.length === 0 && !this.listProblem) this.screen = { name: "first" };
    else if (left && !left.setup.finished) this.screen = { name: "guide", id: left.connection.id };
    else this.screen = { name: "overview" };
  }

  /** Opens where a clicked notice pointed to: a connection's row that is wrong, or all connections. */
  async land(): Promise<void> {
    if (this.phase !== "ready") return;
    try {
      const wanted = await this.host.landing();
      if (!wanted) return;
      if (wanted.id && !this.view(wanted.id)) await this.refresh(wanted.id);
      if (wanted.id && this.view(wanted.id)) this.open({ name: "connection", id: wanted.id, row: wanted.row });
      else this.open({ name: "overview" });
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  /** Pauses or resumes the checks of a connection. Radiant goes on as it does. */
  async pauseChecks(id: string, pause: boolean): Promise<boolean> {
    return this.doing(`pause ${id}`, async () => this.keep(await this.host.pauseChecks(id, pause)));
  }

  open(screen: Screen): void {
    this.problem = null;
    this.screen = screen;
    // Another process may have added or removed connections.
    if (screen.name === "overview") void this.list();
  }

  /** Puts a newer view of a connection in the place of the older one. */
  keep(view: ConnectionView): void {
    const known = this.views.some((one) => one.connection.id === view.connection.id);
    this.views = known ? this.views.map((one) => (one.connection.id === view.connection.id ? view : one)) : [...this.views, view];
  }

  /** Hears that a connection changed: a hundred that change at once are one drawing of the list, not a hundred. */
  private heard(id: string): void {
    if (this.changed.length === 0) setTimeout(() => void this.catchUp(), RUSH_MS);
    if (!this.changed.includes(id)) this.changed.push(id);
  }

  private async catchUp(): Promise<void> {
    const ids = this.changed;
    this.changed = [];
    if (ids.length >= RUSH) await this.list();
    else await Promise.all(ids.map((id) => this.refresh(id)));
  }

  async refresh(id: string): Promise<void> {
    try {
      this.keep(await this.host.connection(id));
    } catch (thrown) {
      if (problemOf(thrown).code === "connection_unknown") this.views = this.views.filter((view) => view.connection.id !== id);
    }
  }

  async begin(practice: boolean): Promise<void> {
    await this.doing(practice ? "practice" : "setup", async () => {
      const view = practice ? await this.host.beginPractice() : await this.host.beginSetup();
      this.keep(view);
      this.open({ name: "guide", id: view.connection.id });
    });
  }

  /** Opens the guide of a connection, at `step` when one is given. */
  async guide(id: string, step?: SetupStep): Promise<void> {
    await this.doing("guide", async () => {
      if (step) this.keep(await this.host.goToStep(id, step));
      this.open({ name: "guide", id });
    });
  }

  /** Opens the guide for another API token, where it was left. */
  async rotate(id: string): Promise<void> {
    await this.doing("rotate", async () => {
      this.keep(await this.host.beginRotation(id));
      this.open({ name: "rotation", id });
    });
  }

  async rename(id: string, name: string): Promise<boolean> {
    return this.doing("rename", async () => this.keep(await this.host.renameConnection(id, name)));
  }

  /** Means the token for something else, and runs the checks for that on the connection's page. */
  async switchProfile(id: string, profile: Profile): Promise<void> {
    await this.doing("profile", async () => {
      this.keep(await this.host.setProfile(id, profile));
      this.open({ name: "connection", id, run: true });
    });
  }

  async putOff(id: string, kind: ReminderKind, days: number): Promise<boolean> {
    return this.doing(`later ${kind}`, async () => this.keep(await this.host.putOffReminder(id, kind, days)));
  }

  async dismiss(id: string, kind: ReminderKind): Promise<boolean> {
    return this.doing(`dismiss ${kind}`, async () => this.keep(await this.host.dismissReminder(id, kind)));
  }

  async confirmOwner(id: string): Promise<boolean> {
    return this.doing("owner", async () => this.keep(await this.host.confirmOwner(id)));
  }

  async remove(id: string): Promise<boolean> {
    return this.doing("remove", async () => {
      await this.host.removeConnection(id);
      this.views = this.views.filter((view) => view.connection.id !== id);
      this.open({ name: this.views.length === 0 ? "first" : "overview" });
    });
  }

  async prefer(change: Partial<Preferences>): Promise<void> {
    this.preferred ??= new Choices(this.preferences, (preferences) => (this.preferences = preferences));
    const { preferred } = this;
    await this.doing("preferences", () => preferred.change((kept) => ({ ...kept, ...change }), (wanted) => this.host.setPreferences(wanted)));
  }

  async openLink(id: string | null, link: LinkTo): Promise<void> {
    await this.doing("link", async () => this.host.openLink(id, link));
  }

  quit(): void {
    void this.host.quit();
  }

  /** Does one thing, saying so while it lasts and keeping the problem when it does not work. Tells whether it worked. */
  async doing(name: string, work: () => Promise<unknown>): Promise<boolean> {
    this.busy = name;
    this.problem = null;
    try {
      await work();
      return true;
    } catch (thrown) {
      this.problem = problemOf(thrown);
      return false;
    } finally {
      this.busy = null;
    }
  }
}
