/** What the pages about a connection's care need to know of a view, as pure functions. */
import type { CheckId, CheckReport, ConnectionView, Fact, ReminderKind, SecretName, Word } from "../host/model";
import { known, rowOf } from "./steps";

/** What is known of a kind of fact, by which check, and from when. */
export type Known = { key: Fact["key"]; facts: Fact[]; check: CheckId; at: string };

/** A token by its name in Okta's list; `given` is the name from the guide, `untold` none at all. */
export type Listed = { name: string; sure: "certain" | "probable" | "given" | "untold" };

/** Both tokens while one replaces the other, by their names; `updated` is the word that Radiant was given the new one. */
export type Both = { old: string; new: string; updated: Word | null };

/**
 * The token that is kept, as Okta's list names it. An entry that was seen before that token was in use is of another one: naming it
 * here would have the wrong token revoked.
 */
export function listedToken(view: ConnectionView): Listed {
  const own = view.connection.keep === "monitoring_token";
  const since = (name: SecretName): string | null => view.secrets.find((secret) => secret.name === name)?.since ?? null;
  const uses = [since(own ? "monitoring_token" : "okta_token"), own ? view.setup.finished : null].map((at) => (at ? Date.parse(at) : 0));
  const row = rowOf(view, "token_entry");
  const told = row && known(row);
  const facts = told && Date.parse(told.at) >= Math.max(...uses) ? told.facts : [];
  const value = (key: Fact["key"]): string | undefined => facts.find((fact) => fact.key === key)?.value;
  const name = value("token_name");
  if (name) return { name, sure: value("token_sureness") === "certain" ? "certain" : "probable" };
  return own ? { name: "", sure: "untold" } : { name: view.setup.token_name, sure: "given" };
}

/** Both tokens that are kept while one replaces the other. Which of the two Radiant uses cannot be told; `null` where there is one. */
export function bothTokens(view: ConnectionView): Both | null {
  const kept = view.secrets.some((secret) => secret.since && (secret.name === "next_okta_token" || secret.name === "previous_okta_token"));
  const { rotation } = view;
  if (!kept || !rotation || rotation.finished) return null;
  return { old: rotation.old_name || view.setup.token_name, new: rotation.token_name ?? "", updated: rotation.updated ?? null };
}

/** Every fact of a report with the check that found it and its time, in the order of the checks. */
export function knownFacts(report: CheckReport): Known[] {
  return report.rows.flatMap((row) => {
    const { facts, at } = known(row);
    const keys = [...new Set(facts.map((fact) => fact.key))];
    return keys.map((key) => ({ key, facts: facts.filter((fact) => fact.key === key), check: row.check, at }));
  });
}

/** The word of what a reminder is put away for. */
export function dismissal(kind: ReminderKind, paused: boolean): "ui.reminders.dismiss" | "ui.reminders.dismiss.pause" | "ui.reminders.dismiss.notices" {
  if (kind === "notices_off") return "ui.reminders.dismiss.notices";
  return kind === "checks_paused" || (kind === "token_idle" && paused) ? "ui.reminders.dismiss.pause" : "ui.reminders.dismiss";
}
