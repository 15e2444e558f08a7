/** The team alerts: their channels, and the result of a test. Every action answers with what is in force then. */
import { commands, events, type Unlisten } from "../host/commands";
import type { AlertChannelPatch, AlertKind, AlertSecret, AlertTestResult, AlertsView, Language } from "../host/model";
import { OperationRunner } from "./operation_runner.svelte";

export class TeamAlerts extends OperationRunner {
  view = $state.raw<AlertsView | null>(null);
  /** The newest test of each channel. */
  results = $state.raw<Partial<Record<AlertKind, AlertTestResult>>>({});
  /** The channel whose newest change was stored. */
  saved = $state<AlertKind | "language" | null>(null);

  load(): Promise<boolean> {
    return this.run("load", async () => {
      this.view = await commands.alerts();
    });
  }

  /** Follows deliveries, failures and changes made elsewhere. */
  follow(): Promise<Unlisten> {
    return events.settingsChanged.listen(() => void this.refresh());
  }

  /** Loads the view again; when that fails, the shown one stays. */
  async refresh(): Promise<void> {
    if (!this.view || this.busy) return;
    this.view = await commands.alerts().catch(() => this.view);
  }

  change(kind: AlertKind, change: AlertChannelPatch): Promise<boolean> {
    return this.store(kind, `change ${kind}`, () => commands.changeAlerts({ [kind]: change }));
  }

  setLanguage(language: Language): Promise<boolean> {
    return this.store("language", "change language", () => commands.changeAlerts({ language }));
  }

  /** Stores a pasted address or key. */
  storeSecret(kind: AlertKind, name: AlertSecret, value: string): Promise<boolean> {
    this.results = { ...this.results, [kind]: undefined };
    return this.store(kind, `store ${name}`, () => commands.storeAlertSecret(name, value));
  }

  /** Turns a channel off and deletes its address and key. */
  forget(kind: AlertKind): Promise<boolean> {
    this.results = { ...this.results, [kind]: undefined };
    return this.store(kind, `forget ${kind}`, () => commands.forgetAlertChannel(kind));
  }

  /** Sends a test alert. */
  test(kind: AlertKind): Promise<boolean> {
    this.saved = null;
    this.results = { ...this.results, [kind]: undefined };
    return this.run(`test ${kind}`, async () => {
      this.results = { ...this.results, [kind]: await commands.testAlert(kind) };
      this.view = await commands.alerts();
    });
  }

  private async store(what: AlertKind | "language", action: string, send: () => Promise<AlertsView>): Promise<boolean> {
    this.saved = null;
    const isStored = await this.run(action, async () => {
      this.view = await send();
    });
    if (isStored) this.saved = what;
    return isStored;
  }
}
