/** Example histories and monitored connections: thirty days of hours, computed from the number of the hour, so that every run is the same. */
import type { CheckReport, ConnectionView, Fact, History, HourStats, HourPoint, Span, State, StatusChange } from "../model";
import { finishedView, lockedKeychainRows, NOW, problem, report, row } from "./connection_views";
import { viewAfterRotation } from "./rotation_views";

/** The state in the last hours of a history. */
export type Ending = "well" | "young" | "unsteady" | "none" | "refused" | "attention" | "lagging" | "offline" | "paused" | "unwatched";

const HOUR = 3_600_000;
const DAYS: Record<Span, number> = { day: 1, week: 7, month: 30 };
const now = Date.parse(NOW);

function probes(kind: "ok" | "attention" | "stopped" | "offline", lags: number[]): HourStats {
  const none = { ok: 0, attention: 0, stopped: 0, offline: 0 };
  return { ...none, [kind]: 6, requests: 8, delays: lags, longest_gap_s: kind === "offline" ? null : 840, least_left: kind === "offline" ? null : 94 };
}

/** Returns the hour that began `ago` hours ago, or `null` without a check. */
function hourAgo(ago: number, ending: Ending): HourStats | null {
  if (ending === "none") return null;
  if (ending === "young") return ago <= 1 ? probes("ok", [30, 42, 75]) : null;
  if (ending === "paused" && ago < 5) return null;
  if (ending === "unwatched") return null;
  if (ending === "unsteady" && ago <= 1) return probes("stopped", []);
  if (ending === "refused" && ago <= 3) return probes("stopped", []);
  if (ending === "attention" && ago <= 18) return probes("attention", []);
  if (ending === "offline" && ago <= 2) return probes("offline", []);
  if (ending === "lagging" && ago <= 4) return probes(ago > 2 ? "ok" : "attention", [300 + (4 - ago) * 420, 340 + (4 - ago) * 420]);
  // The computer sleeps at night on weekends.
  if (ago % 168 > 50 && ago % 168 < 62) return null;
  if (ago > 300 && ago < 305) return probes("stopped", []);
  if (ago === 140 || ago === 141) return probes("offline", []);
  if (ago === 14) return probes("attention", [1300]);
  // As in the usual report.
  if (ago === 0) return probes("ok", [0, 42]);
  return probes("ok", ago % 3 === 0 ? [0, 0] : [(ago * 37) % 120, (ago * 53) % 240]);
}

/** Returns a connection whose API token was rotated and whose search token was replaced within the last day. */
export function changedView(): ConnectionView {
  const view = viewAfterRotation("by_app", "verified");
  view.setup.finished = "2026-01-05T09:00:00Z";
  if (view.rotation) view.rotation.finished = new Date(now - 6.4 * HOUR).toISOString();
  const at = new Date(now - 15.6 * HOUR).toISOString();
  view.setup.search_changed = new Date(now - 15.1 * HOUR).toISOString();
  view.secrets = view.secrets.map((one) => (one.name === "radiant_search_token" ? { ...one, since: at } : one.name === "okta_token" ? { ...one, since: view.rotation?.finished ?? null } : one));
  return view;
}

function change(hoursAgo: number, state: State, code?: Parameters<typeof problem>[0], args: Record<string, string> = {}): StatusChange {
  return { at: new Date(now - hoursAgo * HOUR).toISOString(), state, problem: code ? problem(code, { args }) : null, row: null };
}

const LATEST: Partial<Record<Ending, StatusChange[]>> = {
  refused: [change(3.05, "stopped", "token_refused")],
  attention: [change(18.6, "attention", "owner_is_person", { owner: "jo.doe@example.com" })],
  lagging: [change(2.2, "attention", "radiant_lagging", { minutes: "31" })],
  offline: [change(2.1, "working", "network_down")],
  paused: [change(4.5, "paused")],
  unsteady: Array.from({ length: 431 }, (_, i) => (i % 2 === 0 ? change(0.4 + i * 0.02, "stopped", "radiant_no_match") : change(0.4 + i * 0.02, "ok"))),
  unwatched: [],
  young: [],
  none: [],
};
/** When both sides were last compared; with a refused token, never. */
const NEWEST = "2026-03-10T10:02:00Z";
const COMPARED: Partial<Record<Ending, string | null>> = { none: null, refused: null, offline: "2026-03-10T07:58:00Z", paused: "2026-03-10T05:38:00Z" };
/** The most changes a history lists. */
const MAX_CHANGES = 200;
const EARLIER = [
  change(13.2, "ok"),
  change(14.1, "attention", "radiant_lagging", { minutes: "21" }),
  change(139.2, "ok"),
  change(141.4, "working", "network_down"),
  change(299.9, "ok"),
  change(304.2, "stopped", "token_refused"),
];

function historyOf(ending: Ending, span: Span): History {
  const from = now - DAYS[span] * 24 * HOUR;
  const hours: HourPoint[] = [];
  for (let start = Math.ceil(from / HOUR) * HOUR; start <= now; start += HOUR) {
    const hour = hourAgo(Math.floor((now - start) / HOUR), ending);
    if (hour) hours.push({ from: new Date(start).toISOString(), hour });
  }
  const all = (ending === "none" || ending === "young" || ending === "unwatched" ? [] : [...(LATEST[ending] ?? []), ...EARLIER]).filter((one) => Date.parse(one.at) >= from);
  const changes = all.slice(0, MAX_CHANGES);
  const measuredLags = hours.flatMap((point) => point.hour.delays);
  const lags = [...measuredLags].sort((a, b) => a - b);
  const share = (percent: number): number | null => lags[Math.max(0, Math.ceil((lags.length * percent) / 100) - 1)] ?? null;
  const compared = COMPARED[ending] === undefined ? NEWEST : COMPARED[ending];
  const measured = compared !== null && ending !== "unsteady";
  return { from: new Date(from).toISOString(), until: NOW, hours, changes, changes_total: all.length, delay_p50: share(50), delay_p95: share(95), compared_at: compared, delay_newest: measured ? (measuredLags.at(-1) ?? null) : null };
}

/** Returns histories by connection; a connection that is not named has no problem. */
export function historiesBy(endings: Record<string, Ending>): (id: string, span: Span) => History {
  return (id, span) => historyOf(endings[id] ?? "well", span);
}

/** Returns the usual report with an earlier time. */
function reportAt(at: string): CheckReport {
  const usual = report();
  return { ...usual, started: at, finished: at, rows: usual.rows.map((row) => ({ ...row, at })) };
}

export const justFinishedView = finishedView("c1", "acme", (view) => (view.monitor = { ...view.monitor, last: null, newest_in_okta: null }));

export const laggingView = finishedView("c1", "acme", (view) => {
  const late = problem("radiant_lagging", { args: { minutes: "31" } });
  const facts: Fact[] = [{ key: "lag", value: String(31 * 60) }];
  view.report = report([row("arrival", "attention", { code: late.code, args: late.args, facts, link: { to: "radiant_data_connectors" } })]);
  view.status = { ...view.status, state: "attention", problem: late, row: "arrival", since: "2026-03-10T08:03:00Z" };
  view.repair = { action: "open_page", with: { to: "radiant_data_connectors" } };
  view.monitor.conditions = [
    { row: "arrival", problem: late, since: "2026-03-10T08:03:00Z", probes: 5, role: "root" },
    { row: "domain", problem: problem("timed_out", { args: { host: "acme.okta.com" } }), since: "2026-03-10T10:13:00Z", probes: 1, role: "pending" },
  ];
});

export const lockedKeychainView = finishedView("c1", "acme", (view) => {
  view.report = report(lockedKeychainRows(), []);
  view.status = { ...view.status, state: "attention", problem: problem("keychain_locked"), row: "keychain", arrival_verified: false };
  view.repair = { action: "check_again", with: "unlock_keychain" };
  view.monitor = { ...view.monitor, conditions: [{ row: "keychain", problem: problem("keychain_locked"), since: NOW, probes: 3, role: "root" }] };
});

/** Radiant has stopped: none of Okta's newest events was found there. */
export const stoppedView = finishedView("c1", "acme", (view) => {
  const lost = problem("radiant_no_match");
  const since = "2026-03-10T09:51:00Z";
  view.report = report([row("arrival", "failed", { code: lost.code, link: { to: "radiant_data_connectors" } })]);
  view.status = { ...view.status, state: "stopped", problem: lost, row: "arrival", since, arrival_verified: false };
  view.repair = { action: "open_page", with: { to: "radiant_data_connectors" } };
  view.monitor.conditions = [{ row: "arrival", problem: lost, since, probes: 3, role: "root" }];
});

export const offlineView = finishedView("c1", "acme", (view) => {
  const since = "2026-03-10T08:09:00Z";
  view.report = reportAt("2026-03-10T08:00:00Z");
  view.status = { ...view.status, state: "working", problem: problem("network_down"), row: "domain", since, as_of: "2026-03-10T08:00:00Z" };
  view.monitor = { ...view.monitor, offline_since: since, newest_in_okta: "2026-03-10T07:58:12Z" };
});

/** No check has ended since the morning: the background process has gone, or the disk is full. */
export const staleView = finishedView("c1", "acme", (view) => {
  const since = "2026-03-10T08:00:00Z";
  view.report = reportAt(since);
  view.status = { ...view.status, state: "unknown", problem: problem("nobody_checks"), row: null, since, arrival_verified: false, as_of: since, valid_until: null };
  view.repair = { action: "check_again", with: "checks" };
  view.monitor = { ...view.monitor, last: since, newest_in_okta: "2026-03-10T07:58:12Z" };
});

export const pausedView = finishedView("c1", "acme", (view) => {
  const since = "2026-03-10T05:45:00Z";
  view.report = reportAt("2026-03-10T05:40:00Z");
  view.status = { ...view.status, state: "paused", since, as_of: "2026-03-10T05:40:00Z" };
  view.monitor = { ...view.monitor, paused_since: since, last: "2026-03-10T05:40:00Z", newest_in_okta: "2026-03-10T05:38:02Z" };
});

/** Only heartbeats and delivery checks ran since the full run of this morning. */
export const olderView = finishedView("c1", "acme", (view) => {
  view.report = reportAt("2026-03-10T03:12:00Z");
  for (const row of view.report.rows) if (row.check === "arrival" || row.check === "token") row.at = NOW;
});

/** No token was stored; set-up was finished two weeks ago. */
export const unwatchedView = finishedView("c1", "acme", (view) => {
  const since = "2026-02-24T09:31:00Z";
  view.connection.keep = "nothing";
  view.secrets = [];
  view.setup.finished = since;
  view.report = reportAt("2026-02-24T09:30:00Z");
  view.status = { ...view.status, state: "unwatched", since, arrival_verified: false, as_of: "2026-02-24T09:30:00Z" };
  view.monitor = { ...view.monitor, last: "2026-02-24T09:30:00Z", newest_in_okta: "2026-02-24T09:28:40Z" };
});

/** Set up an hour and a half ago. */
export const youngView = finishedView("c1", "acme", (view) => {
  view.setup.finished = "2026-03-10T08:47:00Z";
  view.monitor.unchanged_since = "2026-03-10T08:47:00Z";
});

/** Checks wait for their share of the rate limit; there is no problem. */
export const rateLimitedView = finishedView("c1", "acme", (view) => {
  view.monitor.hold = { since: "2026-03-10T09:52:00Z", until: "2026-03-10T10:31:00Z", reason: "share" };
});

/** Returns a hundred connections in different states, one of them `worst`. */
export function hundredViews(worst: ConnectionView): ConnectionView[] {
  const named = (i: number): string => `org-${String(i).padStart(3, "0")}`;
  return Array.from({ length: 100 }, (_, i) => {
    if (i === 41) return worst;
    const model = i % 23 === 7 ? laggingView : i % 31 === 9 ? pausedView : i % 37 === 11 ? offlineView : null;
    return finishedView(`h${i}`, named(i), (view) => {
      if (!model) return;
      view.status = structuredClone(model.status);
      view.repair = model.repair;
      view.monitor = structuredClone(model.monitor);
    });
  });
}
