/** What is known of a connection, read from its view. Pure functions. */
import type { CheckId, CheckReport, CheckRow, Confirmable, Confirmation, ConnectionView, Fact, Remembered, SecretName, Attestation } from "../host/model";

/** The facts of one key, with the check that found them and the time. */
export type KnownFact = { key: Fact["key"]; facts: Fact[]; check: CheckId; at: string };

/** The name of the stored token in Okta's list; `given` is the name suggested by the guide, `unknown` none at all. */
export type TokenName = { name: string; certainty: "certain" | "probable" | "given" | "unknown" };

/** The names of both tokens during a rotation, and the confirmation that Radiant has the new one. */
export type TokenPair = { old: string; new: string; updated: Attestation | null };

export function confirmation(view: ConnectionView, what: Confirmable): Confirmation | undefined {
  return view.setup.confirmed.find((one) => one.what === what);
}

export function hasSecret(view: ConnectionView, name: SecretName): boolean {
  return view.secrets.some((secret) => secret.name === name && secret.since !== null);
}

export function rowOf(view: ConnectionView, check: CheckId): CheckRow | undefined {
  return view.report?.rows.find((row) => row.check === check);
}

/** Returns the newest facts of a check with their time: of this answer or, where it found none, of an earlier one. */
export function latestFacts(row: CheckRow): Remembered {
  return row.facts.length === 0 && row.remembered ? row.remembered : { facts: row.facts, at: row.at };
}

/** Returns every fact of a report with its check and time, in the order of the checks. */
export function knownFacts(report: CheckReport): KnownFact[] {
  return report.rows.flatMap((row) => {
    const { facts, at } = latestFacts(row);
    const keys = [...new Set(facts.map((fact) => fact.key))];
    return keys.map((key) => ({ key, facts: facts.filter((fact) => fact.key === key), check: row.check, at }));
  });
}

/**
 * Returns the name of the stored token. A list entry that was read before the token was in use belongs to another token, and
 * naming it would have the wrong token revoked.
 */
export function storedTokenName(view: ConnectionView): TokenName {
  const monitoring = view.connection.keep === "monitoring_token";
  const since = (name: SecretName): string | null => view.secrets.find((secret) => secret.name === name)?.since ?? null;
  const inUseSince = [since(monitoring ? "monitoring_token" : "okta_token"), monitoring ? view.setup.finished : null].map((at) => (at ? Date.parse(at) : 0));
  const row = rowOf(view, "token_entry");
  const latest = row && latestFacts(row);
  const facts = latest && Date.parse(latest.at) >= Math.max(...inUseSince) ? latest.facts : [];
  const value = (key: Fact["key"]): string | undefined => facts.find((fact) => fact.key === key)?.value;
  const name = value("token_name");
  if (name) return { name, certainty: value("token_sureness") === "certain" ? "certain" : "probable" };
  return monitoring ? { name: "", certainty: "unknown" } : { name: view.setup.token_name, certainty: "given" };
}

/** Returns both tokens during a rotation, where it is unknown which one Radiant uses; `null` where there is one token. */
export function tokenPair(view: ConnectionView): TokenPair | null {
  const both = hasSecret(view, "next_okta_token") || hasSecret(view, "previous_okta_token");
  const { rotation } = view;
  if (!both || !rotation || rotation.finished) return null;
  return { old: rotation.old_name || view.setup.token_name, new: rotation.token_name ?? "", updated: rotation.updated ?? null };
}
