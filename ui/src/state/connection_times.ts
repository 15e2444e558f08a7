/** The times of a connection: its next check, its delivery delay, its next rotation, and since when its status holds. */
import type { ConnectionView, MonitorSettings } from "../host/model";
import { latestFacts, rowOf } from "./connection_facts";
import { isUnwatched } from "./usable_checks";

/** When the next check comes: at the latest by a time, now, not until something else happens, or never. */
export type NextCheck = { kind: "by"; at: string } | { kind: "now" | "paused" | "offline" | "never" };

/** The delivery delay that the newest comparison of both sides measured. */
export type MeasuredDelay = { seconds: number; at: string };

/** The shortest interval while a condition is pending, in milliseconds. */
const MIN_INTERVAL_MS = 15_000;

/** Returns when the next check of a connection comes, at the latest: thorough checks have their own times and may come sooner. */
export function nextCheck(view: ConnectionView, settings: Pick<MonitorSettings, "heartbeat_s">, now: number): NextCheck {
  const { monitor, status } = view;
  if (!view.setup.finished || isUnwatched(view) || status.state === "needs_setup") return { kind: "never" };
  if (monitor.paused_since) return { kind: "paused" };
  if (monitor.offline_since) return { kind: "offline" };
  if (monitor.hold) return later(Date.parse(monitor.hold.until), now);
  if (!monitor.last) return { kind: "now" };
  const usual = settings.heartbeat_s * 1000;
  const isPending = monitor.conditions.some((one) => one.role === "pending");
  const interval = isPending ? Math.min(usual, Math.max(MIN_INTERVAL_MS, usual / 2)) : usual;
  return later(Date.parse(monitor.last) + interval, now);
}

function later(at: number, now: number): NextCheck {
  return at <= now ? { kind: "now" } : { kind: "by", at: new Date(at).toISOString() };
}

/** Returns the delay that the newest comparison measured; `null` where it measured none. */
export function measuredDelay(view: ConnectionView): MeasuredDelay | null {
  const row = rowOf(view, "arrival");
  if (!row) return null;
  const fact = row.facts.find((one) => one.key === "lag")?.value;
  const seconds = row.outcome === "passed" || row.code === "radiant_lagging" ? fact : undefined;
  return seconds === undefined || !Number.isFinite(Number(seconds)) ? null : { seconds: Number(seconds), at: row.at };
}

/** Returns by when the stored token is to be rotated, as the reminder counts; `null` where no reminder will come. */
export function nextRotation(view: ConnectionView, settings: Pick<MonitorSettings, "reminders">): string | null {
  const { on, token_age_days: days } = settings.reminders;
  const name = view.connection.keep === "monitoring_token" ? "monitoring_token" : "okta_token";
  const stored = view.secrets.find((secret) => secret.name === name)?.since;
  if (!on || days === 0 || !stored || view.connection.keep === "nothing") return null;
  const row = rowOf(view, "token_entry");
  const created = row && latestFacts(row).facts.find((fact) => fact.key === "created_at")?.value;
  const from = Math.min(...[stored, created].flatMap((at) => (at && !Number.isNaN(Date.parse(at)) ? Date.parse(at) : [])));
  return new Date(from + days * 86_400_000).toISOString();
}

/** Returns since when the status holds, as far as that is known. */
export function statusSince(view: ConnectionView): string | null {
  return view.status.since ?? view.monitor.unchanged_since;
}
