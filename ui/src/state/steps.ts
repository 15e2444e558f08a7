/**
 * The rules of the set-up guide, as pure functions of a connection's view: how far each step is, and what a step still lacks.
 * Verified (the app saw it) and confirmed (the administrator said so) are different marks and never replace each other.
 */
import type { CheckId, Code, Confirmable, ConnectionView, GuideStep } from "../host/model";
import { confirmation, hasSecret, rowOf } from "./connection_facts";

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
] as const satisfies readonly GuideStep[];

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

/** Checks whose unknown outcome does not matter for ingestion. */
const INFORMATIONAL: readonly CheckId[] = ["roles", "token_entry", "rate_limit", "clock", "tls"];

/** The checks that ask Radiant. */
export const RADIANT_CHECKS: readonly CheckId[] = ["radiant_search", "arrival"];

/** How far a step is. */
export type Mark = "current" | "verified" | "confirmed" | "done" | "skipped" | "unverified" | "attention" | "open";

/** Something that is missing: the field to go to, and the end of its message key (`ui.missing.<what>`). */
export type Missing = { field: string; what: MissingWhat };
/** What may be missing. */
export type MissingWhat =
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

/** Codes of the owner check that ask the administrator for a decision. */
const OWNER_QUESTIONS: readonly Code[] = ["owner_is_person", "owner_unclear"];

/** Whether the question who owns the token is open, decided, or not asked. */
export function ownerQuestion(view: ConnectionView): "none" | "open" | "decided" {
  if (confirmation(view, "owner_is_service_account") || confirmation(view, "owner_is_person")) return "decided";
  const code = rowOf(view, "owner")?.code;
  return code && OWNER_QUESTIONS.includes(code) ? "open" : "none";
}

/** Whether a proxy that could read the token waits for a decision. */
export function isInspectionOpen(view: ConnectionView): boolean {
  return rowOf(view, "tls")?.code === "tls_inspected" && !confirmation(view, "tls_inspection_accepted");
}

/** Returns what `step` still lacks before the guide can continue. */
export function missingIn(view: ConnectionView, step: GuideStep): Missing[] {
  const unless = (what: Confirmable, missing: Missing): Missing[] => (confirmation(view, what) ? [] : [missing]);
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
      return missingForToken(view);
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

function missingForToken(view: ConnectionView): Missing[] {
  if (!hasSecret(view, "okta_token")) return [{ field: "api-token", what: "token" }];
  if (isInspectionOpen(view)) return [{ field: "tls-decision", what: "tls" }];
  const token = rowOf(view, "token");
  if (!token) return [{ field: "run-checks", what: "checks" }];
  if (token.outcome !== "passed" && token.outcome !== "attention") return [{ field: "run-checks", what: "token_not_accepted" }];
  return ownerQuestion(view) === "open" ? [{ field: "owner-service", what: "owner" }] : [];
}

/** Returns how far `step` is; the shown step is marked by the list itself. */
export function markOf(view: ConnectionView, step: GuideStep): Mark {
  const isPast = STEPS.indexOf(step) < STEPS.indexOf(view.setup.step) || view.setup.finished !== null;
  if (step === "action_connector" && view.connection.profile === "ingestion") return isPast ? "skipped" : "open";
  if (step === "arrival") return view.setup.arrival ? "verified" : isPast ? "unverified" : "open";
  if (step === "done") return view.setup.finished ? "done" : "open";
  if (step === "paste_token") return tokenMark(view);
  if (missingIn(view, step).length > 0) return "open";
  if (step !== "domain") return "confirmed";
  return view.connection.org_id !== null || rowOf(view, "domain")?.outcome === "passed" ? "verified" : "done";
}

function tokenMark(view: ConnectionView): Mark {
  const rows = view.report?.rows.filter((row) => OKTA_CHECKS.includes(row.check)) ?? [];
  if (!hasSecret(view, "okta_token") || rows.length === 0) return view.setup.finished && rows.length > 0 ? "done" : "open";
  const undecided = ownerQuestion(view) === "open" || isInspectionOpen(view);
  const wrong = rows.some((row) => row.outcome === "failed" || (row.outcome === "unknown" && !INFORMATIONAL.includes(row.check)) || (row.check === "token" && row.outcome !== "passed"));
  return undecided || wrong ? "attention" : "verified";
}

/** Whether the guide may jump to `step`: everything before it is complete. */
export function isReachable(view: ConnectionView, step: GuideStep): boolean {
  if (view.setup.finished) return true;
  return STEPS.slice(0, STEPS.indexOf(step)).every((earlier) => missingIn(view, earlier).length === 0);
}

export function neighbor(step: GuideStep, by: 1 | -1): GuideStep | undefined {
  return STEPS[STEPS.indexOf(step) + by];
}
