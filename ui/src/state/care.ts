/** What the pages about a connection's care need to know of a view, as pure functions. */
import type { CheckId, CheckReport, ConnectionView, Fact, ReminderKind } from "../host/model";
import { rowOf } from "./steps";

/** What is known of a kind of fact, by which check, and from when. */
export type Known = { key: Fact["key"]; facts: Fact[]; check: CheckId; at: string };

/** The token's name in Okta's list, how sure that is, and the name of a second one while it is being replaced. */
export function listedToken(view: ConnectionView): { name: string; sure: "certain" | "probable" | "given"; next: string | null } {
  const facts = rowOf(view, "token_entry")?.facts ?? [];
  const value = (key: Fact["key"]): string | undefined => facts.find((fact) => fact.key === key)?.value;
  const name = value("token_name");
  const next = view.rotation && !view.rotation.finished && view.secrets.some((secret) => secret.name !== "okta_token" && secret.name.endsWith("okta_token") && secret.since) ? (view.rotation.token_name ?? null) : null;
  if (!name) return { name: view.setup.token_name, sure: "given", next };
  return { name, sure: value("token_sureness") === "certain" ? "certain" : "probable", next };
}

/** Every fact of a report with the check that found it and its time, in the order of the checks. */
export function knownFacts(report: CheckReport): Known[] {
  return report.rows.flatMap((row) => {
    const keys = [...new Set(row.facts.map((fact) => fact.key))];
    return keys.map((key) => ({ key, facts: row.facts.filter((fact) => fact.key === key), check: row.check, at: row.at }));
  });
}

/** The word of what a reminder is put away for. */
export function dismissal(kind: ReminderKind, paused: boolean): "ui.reminders.dismiss" | "ui.reminders.dismiss.pause" | "ui.reminders.dismiss.notices" {
  if (kind === "notices_off") return "ui.reminders.dismiss.notices";
  return kind === "checks_paused" || (kind === "token_idle" && paused) ? "ui.reminders.dismiss.pause" : "ui.reminders.dismiss";
}
