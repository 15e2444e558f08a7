/** The fake app's documents: reports, export and import, stored data, the diagnostics bundle, answers from the documentation. */
import type { ConnectionView, DataRetention, ImportPreview } from "../model";
import { problem, viewAtStep } from "./connection_views";
import type { Handlers } from "./handler_types";
import report from "./report.md?raw";

/** What a scenario fixes of documents. */
export type DocumentScenario = {
  /** What a chosen file contains; `null` when the dialog is closed without a choice. */
  importing?: ImportPreview | null;
  storedData?: Partial<DataRetention>;
  /** The number of log lines in the bundle. */
  bundleLines?: number;
};

const STORED_DATA: DataRetention = {
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

const logLine = (n: number): string =>
  JSON.stringify({ timestamp: `2026-03-10T09:${String(n % 60).padStart(2, "0")}:00Z`, level: "INFO", fields: { message: "probe finished", tier: "heartbeat", ms: 180 + (n % 40) } });

export function documentHandlers(scenario: DocumentScenario, views: () => ConnectionView[]) {
  const data: DataRetention = { ...STORED_DATA, ...scenario.storedData };
  return {
    setupReport: () => report,
    copyReport: () => undefined,
    printPage: () => undefined,
    saveReport: (_id, form) => `Documents/okta-connector-acme.${form === "json" ? "json" : "md"}`,
    exportConnections: () => "/home/jo/Documents/okta-radiant-connections.json",
    previewImport: () => scenario.importing ?? null,
    /** Adds the connections of the scenario's file that do not exist yet. */
    importConnections: () => {
      const lines = scenario.importing?.connections ?? [];
      const added = lines.filter((one) => !one.here).map((one, i) => ({ id: `imported-${i + 1}`, name: one.name }));
      for (const one of added) views().push(viewAtStep("domain", (view) => Object.assign(view.connection, one)));
      return { added, skipped: lines.filter((one) => one.here), settings: scenario.importing?.settings ?? "absent", remarks: scenario.importing?.remarks ?? [] };
    },
    dataRetention: () => data,
    keepHistory: (days) => (data.history_days = Math.min(90, Math.max(7, days))),
    copyPlace: (place) => (place === "data" ? data.data_dir : data.log_dir) ?? "",
    diagnostics: (redact) => {
      const person = redact.people ? "person-1" : "svc-radiant@example.com";
      const host = redact.orgs ? "org-1" : "acme.okta.com";
      const facts = [
        { key: "owner", value: person },
        { key: "egress_address", value: redact.addresses ? "address-1" : "203.0.113.7" },
      ];
      const status = { state: "ok", as_of: "2026-03-10T10:14:31Z", arrival_verified: true };
      const connections = [{ name: host, okta_url: `https://${host}`, profile: "response", status, report: { rows: [{ check: "token", outcome: "passed", facts }] } }];
      const log = Array.from({ length: scenario.bundleLines ?? 40 }, (_, n) => logLine(n));
      const bundle = { diagnostics: "okta-connector-for-radiant", format: 1, app_version: "0.1.0", os: "Debian GNU/Linux 12 (bookworm) (linux x86_64)", web_view: "2.50.1", replaced: redact, connections, log };
      return `${JSON.stringify(bundle, null, 2)}\n`;
    },
    saveDiagnostics: () => "/home/jo/Documents/okta-radiant-diagnostics.json",
    askDocs: (_id, question) => {
      if (question.trim() === "") throw problem("question_empty");
      if (/@|00[\w-]{20}/.test(question)) throw problem("question_private");
      const sources = [{ title: "Okta", path: "/radiant-connectors/data-connectors/okta" }];
      return { answer: "Use the data connector Okta and choose the feed Okta Alerts & Activity Logs.", sources };
    },
  } satisfies Partial<Handlers>;
}
