/**
 * The guide's rules, as pure functions of what is known of a connection: which step is how far, and what a step still lacks.
 * Verified (the app saw it) and confirmed (the administrator said so) are different marks and never stand for each other.
 */
import type { CheckId, CheckRow, Code, Confirmable, Confirmation, ConnectionView, Remembered, SecretName, SetupStep } from "../host/model";

/** Every step, in order. */
export const STEPS = [
  "before",
  "domain",
  "create_token",
  "paste_token",
  "credential",
  "data_connector",
  "action_connector",
  "arrival",
  "done",
] as const satisfies readonly SetupStep[];

/** What is known of a check and since when: what this answer found or, where it could find nothing, an earlier one. */
export function known(row: CheckRow): Remembered {
  return row.facts.length === 0 && row.remembered ? row.remembered : { facts: row.facts, at: row.at };
}

/** The checks of step 4: all that Okta and this computer can answer. */
export const OKTA_CHECKS: readonly CheckId[] = [
  "keychain",
  "domain",
  "tls",
  "clock",
  "token",
  "owner",
  "roles",
  "token_entry",
  "system_log",
  "users",
  "zones",
  "rate_limit",
  "capabilities",
];

/** Checks whose lost answer weighs nothing: what they tell is good to know, and ingestion does not hang on it. */
const LIGHT: readonly CheckId[] = ["roles", "token_entry", "rate_limit", "clock", "tls"];

/** The checks that ask Radiant. */
export const RADIANT_CHECKS: readonly CheckId[] = ["radiant_search", "arrival"];

/** How far a step is. */
export type Mark = "current" | "verified" | "confirmed" | "done" | "skipped" | "unverified" | "attention" | "open";

/** What a step lacks: the field to go to, and the word of what is missing (`ui.missing.<what>`). */
export type Lack = { field: string; what: LackWhat };
/** The words of what may be missing. */
export type LackWhat =
  | "service_account"
  | "radiant_admin"
  | "domain"
  | "token_created"
  | "token"
  | "checks"
  | "token_not_accepted"
  | "token_lesser"
  | "credential_updated"
  | "tls"
  | "owner"
  | "credential"
  | "data_connector"
  | "action_connector";

export function confirmation(view: ConnectionView, what: Confirmable): Confirmation | undefined {
  return view.setup.confirmed.find((one) => one.what === what);
}

export function holds(view: ConnectionView, name: SecretName): boolean {
  return view.secrets.some((secret) => secret.name === name && secret.since !== null);
}

export function rowOf(view: ConnectionView, check: CheckId): CheckRow | undefined {
  return view.report?.rows.find((row) => row.check === check);
}

/** Codes of the owner check that ask the administrator for a decision. */
const OWNER_QUESTIONS: readonly Code[] = ["owner_is_person", "owner_unclear"];

/** Whether the question who owns the token is open, decided, or not asked. */
export function ownerQuestion(view: ConnectionView): "none" | "open" | "decided" {
  if (confirmation(view, "owner_is_service_account") || confirmation(view, "owner_is_person")) return "decided";
  const code = rowOf(view, "owner")?.code;
  return code && OWNER_QUESTIONS.includes(code) ? "open" : "none";
}

/** Whether a proxy that could read the token waits for a decision. */
export function inspectionOpen(view: ConnectionView): boolean {
  return rowOf(view, "tls")?.code === "tls_inspected" && !confirmation(view, "tls_inspection_accepted");
}

/** What `step` still lacks before the guide can go on. */
export function lacks(view: ConnectionView, step: SetupStep): Lack[] {
  const unless = (what: Confirmable, lack: Lack): Lack[] => (confirmation(view, what) ? [] : [lack]);
  switch (step) {
    case "before":
      return [
        ...unless("has_service_account", { field: "has-service-account", what: "service_account" }),
        ...unless("has_radiant_admin", { field: "has-radiant-admin", what: "radiant_admin" }),
      ];
    case "domain":
      return view.okta_url ? [] : [{ field: "okta-domain", what: "domain" }];
    case "create_token":
      return unless("token_created", { field: "token-created", what: "token_created" });
    case "paste_token":
      return tokenLacks(view);
    case "credential":
      return unless("credential_added", { field: "credential-added", what: "credential" });
    case "data_connector":
      return unless("data_connector_added", { field: "data-connector-added", what: "data_connector" });
    case "action_connector":
      if (view.connection.profile === "ingestion") return [];
      return unless("action_connector_added", { field: "action-connector-added", what: "action_connector" });
    case "arrival":
    case "done":
      return [];
  }
}

function tokenLacks(view: ConnectionView): Lack[] {
  if (!holds(view, "okta_token")) return [{ field: "api-token", what: "token" }];
  if (inspectionOpen(view)) return [{ field: "tls-decision", what: "tls" }];
  const token = rowOf(view, "token");
  if (!token) return [{ field: "run-checks", what: "checks" }];
  if (token.outcome !== "passed" && token.outcome !== "attention") return [{ field: "run-checks", what: "token_not_accepted" }];
  return ownerQuestion(view) === "open" ? [{ field: "owner-service", what: "owner" }] : [];
}

/** How far `step` is; the one shown is marked by the list itself. */
export function markOf(view: ConnectionView, step: SetupStep): Mark {
  const past = STEPS.indexOf(step) < STEPS.indexOf(view.setup.step) || view.setup.finished !== null;
  if (step === "action_connector" && view.connection.profile === "ingestion") return past ? "skipped" : "open";
  if (step === "arrival") return view.setup.arrival ? "verified" : past ? "unverified" : "open";
  if (step === "done") return view.setup.finished ? "done" : "open";
  if (step === "paste_token") return tokenMark(view);
  if (lacks(view, step).length > 0) return "open";
  if (step !== "domain") return "confirmed";
  return view.connection.org_id !== null || rowOf(view, "domain")?.outcome === "passed" ? "verified" : "done";
}

function tokenMark(view: ConnectionView): Mark {
  const rows = view.report?.rows.filter((row) => OKTA_CHECKS.includes(row.check)) ?? [];
  if (!holds(view, "okta_token") || rows.length === 0) return view.setup.finished && rows.length > 0 ? "done" : "open";
  const decided = ownerQuestion(view) !== "open" && !inspectionOpen(view);
  const wrong = !decided || rows.some((row) => row.outcome === "failed" || (row.outcome === "unknown" && !LIGHT.includes(row.check)) || row.check === "token" && row.outcome !== "passed");
  return wrong ? "attention" : "verified";
}

/** Whether the guide may jump to `step`: everything before it is complete. */
export function reachable(view: ConnectionView, step: SetupStep): boolean {
  if (view.setup.finished) return true;
  return STEPS.slice(0, STEPS.indexOf(step)).every((earlier) => lacks(view, earlier).length === 0);
}

export function neighbour(step: SetupStep, by: 1 | -1): SetupStep | undefined {
  return STEPS[STEPS.indexOf(step) + by];
}
