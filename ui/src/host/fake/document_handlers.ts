/** The scripted host's papers: reports, export and import, what is kept, the diagnostics bundle, the documentation. */
import report from "./report.md?raw";
import { Refusal, type Host } from "../problem";
import type { ConnectionView, DataKept, DocsAnswer, ImportOutcome, ImportPreview, KeptWhere, Redact, ReportForm } from "../model";
import { at, problem } from "./connection_views";

/** What a scenario fixes of them. */
export type PaperPlay = {
  /** What a chosen file would bring; `null` when the dialog is closed without a choice. */
  importing?: ImportPreview | null;
  kept?: Partial<DataKept>;
  /** Lines added to the bundle. */
  bundleLines?: number;
};

const KEPT: DataKept = {
  data_dir: "/home/jo/.local/share/ai.radiantsecurity.okta-connector",
  database_kb: 412,
  set_aside: 0,
  set_aside_kb: 0,
  log_dir: "/home/jo/.local/share/ai.radiantsecurity.okta-connector/logs",
  log_files: 5,
  log_kb: 84,
  log_days: 7,
  history_days: 90,
  history_since: "2025-12-19T08:00:00Z",
  reports: 50,
};

export class FakePapers {
  private kept: DataKept;

  constructor(
    private readonly play: PaperPlay,
    private readonly ask: (name: keyof Host) => Promise<void>,
  ) {
    this.kept = { ...KEPT, ...play.kept };
  }

  async report(): Promise<string> {
    await this.ask("setupReport");
    return report;
  }

  async saveReport(form: ReportForm): Promise<string> {
    await this.ask("saveReport");
    return `Documents/okta-connector-acme.${form === "json" ? "json" : "md"}`;
  }

  async export(): Promise<string> {
    await this.ask("exportConnections");
    return "/home/jo/Documents/okta-radiant-connections.json";
  }

  async look(): Promise<ImportPreview | null> {
    await this.ask("lookAtImport");
    return structuredClone(this.play.importing ?? null);
  }

  /** Adds what the scenario's file brings to the connections that are here. */
  async take(views: ConnectionView[]): Promise<ImportOutcome> {
    await this.ask("importConnections");
    const lines = this.play.importing?.connections ?? [];
    const added = lines.filter((one) => !one.here).map((one, i) => ({ id: `imported-${i + 1}`, name: one.name }));
    for (const one of added) views.push(at("domain", (view) => Object.assign(view.connection, one)));
    return { added, skipped: lines.filter((one) => one.here), settings: this.play.importing?.settings ?? "absent" };
  }

  async dataKept(): Promise<DataKept> {
    await this.ask("dataKept");
    return { ...this.kept };
  }

  async keepHistory(days: number): Promise<number> {
    await this.ask("keepHistory");
    this.kept.history_days = Math.min(90, Math.max(7, days));
    return this.kept.history_days;
  }

  async copyPlace(place: KeptWhere): Promise<string> {
    await this.ask("copyPlace");
    return (place === "data" ? this.kept.data_dir : this.kept.log_dir) ?? "";
  }

  async diagnostics(redact: Redact): Promise<string> {
    await this.ask("diagnostics");
    const who = redact.people ? "person-1" : "svc-radiant@example.com";
    const host = redact.orgs ? "org-1" : "acme.okta.com";
    const from = redact.addresses ? "address-1" : "203.0.113.7";
    const line = (n: number): string => JSON.stringify({ timestamp: `2026-03-10T09:${String(n % 60).padStart(2, "0")}:00Z`, level: "INFO", fields: { message: "a look was taken", tier: "heartbeat", ms: 180 + (n % 40) } });
    const log = Array.from({ length: this.play.bundleLines ?? 40 }, (_, n) => line(n));
    const status = { state: "ok", as_of: "2026-03-10T10:14:31Z", arrival_verified: true };
    const facts = [
      { key: "owner", value: who },
      { key: "egress_address", value: from },
    ];
    const rows = [{ check: "token", outcome: "passed", facts }];
    const connections = [{ name: host, okta_url: `https://${host}`, profile: "response", status, report: { rows } }];
    const bundle = { diagnostics: "okta-connector-for-radiant", format: 1, app_version: "0.1.0", os: "Debian GNU/Linux 12 (bookworm) (linux x86_64)", web_view: "2.50.1", replaced: redact, connections, log };
    return `${JSON.stringify(bundle, null, 2)}\n`;
  }

  async saveDiagnostics(): Promise<string> {
    await this.ask("saveDiagnostics");
    return "/home/jo/Documents/okta-radiant-diagnostics.json";
  }

  async docs(question: string): Promise<DocsAnswer> {
    await this.ask("askDocs");
    if (question.trim() === "") throw new Refusal(problem("question_empty"));
    if (/@|00[\w-]{20}/.test(question)) throw new Refusal(problem("question_private"));
    const sources = [{ title: "Okta", path: "/radiant-connectors/data-connectors/okta" }];
    return { answer: "Use the data connector Okta and choose the feed Okta Alerts & Activity Logs.", sources };
  }
}
