/**
 * Computes what the chart and the table of a history show: bands of hours in one state, the delivery delay as a line with gaps,
 * marks on the time axis, and sums. Positions are shares of the span, from 0 to 1. An hour without a check draws nothing.
 */
import type { ConnectionView, GuideState, History, HourStats, HourPoint, Span } from "../host/model";

/** The worst state of an hour. */
export type HourState = "ok" | "offline" | "attention" | "stopped";
/** Consecutive hours in one state. */
export type Band = { at: number; width: number; state: HourState; from: string; until: string; hours: number };
/** A percentile of the delays of one hour; `at` is the middle of the hour. */
export type DelayPoint = { at: number; seconds: number };
/** A mark on the time axis; a midnight is named by its day. */
export type AxisMark = { at: number; time: string; isDay: boolean };
/** A change that may explain what the plot shows. */
export type ChangeMark = { at: number; time: string; what: "rotated" | "token" | "monitoring_token" | "search_token" | "profile" | "search" | "monitoring" };
/** The parts of a connection that date its changes. */
type Changed = Pick<ConnectionView, "rotation" | "secrets"> & { setup: Pick<GuideState, "finished" | "profile_changed" | "search_changed"> };
/** A row of the table: an hour with the median and the 95th percentile of its delays, or consecutive hours without a check. */
export type TableRow = { from: string; hour: HourStats; median: number | null; p95: number | null } | { from: string; until: string; hour: null };

export const SPANS: readonly Span[] = ["day", "week", "month"];
export const HOUR_STATES: readonly HourState[] = ["ok", "attention", "stopped", "offline"];
const HOUR_MS = 3_600_000;
/** The secrets whose replacement is marked. */
const CHANGED_SECRETS = { okta_token: "token", monitoring_token: "monitoring_token", radiant_search_token: "search_token" } as const;
/** Hours between two marks, of which the shortest is taken that leaves few enough; from 24 on, marks fall on local midnights. */
const HOURS_BETWEEN_MARKS = [1, 2, 6, 12, 24, 120];
const MAX_MARKS = 8;
/** The share of a span that is shown at least, however new the connection is. */
const SHORTEST_SHARE = 1 / 4;
/** The share of the axis at both ends where a mark's label would not fit. */
const MARGIN = 0.04;
/** Requests of one full run to Okta and to Radiant; an estimate, because roles and zones may take several pages. */
const FULL_RUN = { okta: 12, radiant: 4 };
/** Requests of one delivery check: Okta once, twice in a busy org, and Radiant twice. */
const DELIVERY_CHECK = { okta: 2, radiant: 2 };

/** Returns the worst state of an hour, or `null` without a check. */
export function hourStateOf(hour: HourStats): HourState | null {
  if (hour.stopped > 0) return "stopped";
  if (hour.attention > 0) return "attention";
  if (hour.offline > 0) return "offline";
  return hour.ok > 0 ? "ok" : null;
}

/** Returns start and length in milliseconds. It starts at the first whole hour, because only part of the hour before is known. */
function frame(history: History): { start: number; length: number } {
  const start = Math.ceil(Date.parse(history.from) / HOUR_MS) * HOUR_MS;
  return { start, length: Math.max(HOUR_MS, Date.parse(history.until) - start) };
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** Returns the history from the set-up on, so that a new connection does not begin with an empty plot. Every hour with a check stays. */
export function sinceSetup(history: History, setUp: string | null): History {
  const [from, until] = [Date.parse(history.from), Date.parse(history.until)];
  const first = history.hours[0];
  const known = [setUp, first?.from].flatMap((at) => (at ? Math.floor(Date.parse(at) / HOUR_MS) * HOUR_MS : []));
  if (!setUp) return history;
  const start = Math.max(from, Math.min(...known, until - (until - from) * SHORTEST_SHARE));
  return { ...history, from: iso(start) };
}

/** Returns the smallest delay that this share of the delays did not exceed, in percent (nearest rank). */
export function percentile(delays: readonly number[], percent: number): number | null {
  const sorted = [...delays].sort((a, b) => a - b);
  return sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? null;
}

export function bands(history: History): Band[] {
  const { start, length } = frame(history);
  const found: { state: HourState; from: number; until: number }[] = [];
  for (const point of history.hours) {
    const state = hourStateOf(point.hour);
    const from = Date.parse(point.from);
    const until = Math.min(from + HOUR_MS, start + length);
    if (!state || until <= from) continue;
    const last = found.at(-1);
    if (last && last.state === state && last.until === from) last.until = until;
    else found.push({ state, from, until });
  }
  return found.map(({ state, from, until }) => ({
    at: (from - start) / length,
    width: (until - from) / length,
    state,
    from: iso(from),
    until: iso(until),
    hours: Math.ceil((until - from) / HOUR_MS),
  }));
}

/** Returns a percentile of the delays of each hour, in lines that end where an hour has none. */
export function delayLines(history: History, percent: number): DelayPoint[][] {
  const { start, length } = frame(history);
  const lines: DelayPoint[][] = [];
  let previous = Number.NaN;
  for (const point of history.hours.filter((one) => one.hour.delays.length > 0)) {
    const from = Date.parse(point.from);
    const added = { at: Math.min(1, (from + HOUR_MS / 2 - start) / length), seconds: percentile(point.hour.delays, percent) ?? 0 };
    if (from - previous === HOUR_MS) lines.at(-1)?.push(added);
    else lines.push([added]);
    previous = from;
  }
  return lines;
}

/** Returns the marks of the time axis at full local hours, or at midnights where it is long. */
export function marks(history: History): AxisMark[] {
  const { start, length } = frame(history);
  const every = HOURS_BETWEEN_MARKS.find((hours) => length / (hours * HOUR_MS) <= MAX_MARKS) ?? 120;
  const first = new Date(start);
  first.setHours(0, 0, 0, 0);
  const found: AxisMark[] = [];
  for (let step = 0; found.length < 40; step += every) {
    const time = new Date(first);
    // Adding days instead of hours keeps midnights in place when daylight saving time begins or ends.
    if (every >= 24) time.setDate(first.getDate() + step / 24);
    else time.setHours(step);
    const at = (time.getTime() - start) / length;
    if (at > 1 - MARGIN) break;
    if (at >= MARGIN) found.push({ at, time: time.toISOString(), isDay: every > 6 || (every > 2 && length > 1.25 * 24 * HOUR_MS && time.getHours() === 0) });
  }
  return found;
}

/**
 * Returns the changes that lie in the span, oldest first: a rotation, a token that was replaced or stored after the set-up, and
 * the newest change of the profile, the search settings and the monitoring settings.
 */
export function changeMarks(history: History, view: Changed, monitoringChanged: string | null = null): ChangeMark[] {
  const { start, length } = frame(history);
  const [rotated, setUp] = [view.rotation?.finished ?? null, view.setup.finished];
  const settings = { profile: view.setup.profile_changed, search: view.setup.search_changed, monitoring: monitoringChanged } as const;
  const found: { time: string; what: ChangeMark["what"] }[] = rotated ? [{ time: rotated, what: "rotated" }] : [];
  for (const { name, since } of view.secrets) {
    // Tokens of the set-up itself, and of a rotation that is marked already, are no further changes.
    const isKnown = [setUp, rotated].some((time) => time && since && Math.abs(Date.parse(since) - Date.parse(time)) < HOUR_MS);
    if (since && setUp && since > setUp && !isKnown && name in CHANGED_SECRETS) found.push({ time: since, what: CHANGED_SECRETS[name as keyof typeof CHANGED_SECRETS] });
  }
  for (const what of ["profile", "search", "monitoring"] as const) {
    const time = settings[what];
    if (time && setUp && time > setUp) found.push({ time, what });
  }
  const at = (time: string): number => (Date.parse(time) - start) / length;
  return found.map((one) => ({ ...one, at: at(one.time) })).filter((one) => one.at >= 0 && one.at <= 1).sort((a, b) => a.at - b.at);
}

/** Returns the hours newest first, with one row for consecutive hours without a check. */
export function tableRows(history: History): TableRow[] {
  const { start, length } = frame(history);
  const all: TableRow[] = [];
  let next = start;
  const addGap = (until: number): void => {
    if (until - next >= HOUR_MS) all.push({ from: iso(next), until: iso(until), hour: null });
  };
  for (const point of history.hours.filter((one) => hourStateOf(one.hour) !== null)) {
    const from = Date.parse(point.from);
    addGap(from);
    all.push({ from: point.from, hour: point.hour, median: percentile(point.hour.delays, 50), p95: percentile(point.hour.delays, 95) });
    next = from + HOUR_MS;
  }
  addGap(start + length);
  return all.reverse();
}

/** Counts the checks of these hours by the state they found. */
export function countsOf(hours: readonly HourPoint[]): Record<HourState, number> & { all: number } {
  const sum = (state: HourState): number => hours.reduce((total, point) => total + point.hour[state], 0);
  const counts = { ok: sum("ok"), attention: sum("attention"), stopped: sum("stopped"), offline: sum("offline") };
  return { ...counts, all: counts.ok + counts.attention + counts.stopped + counts.offline };
}

/** Returns the most requests per hour that monitoring one connection makes while all is well. */
export function requestsPerHour(settings: { heartbeat_s: number; freshness_s: number; full_s: number }): { okta: number; radiant: number } {
  const perHour = (every: number): number => 3600 / every;
  const { heartbeat_s, freshness_s, full_s } = settings;
  return {
    okta: Math.ceil(perHour(heartbeat_s) + perHour(freshness_s) * DELIVERY_CHECK.okta + perHour(full_s) * FULL_RUN.okta),
    radiant: Math.ceil(perHour(freshness_s) * DELIVERY_CHECK.radiant + perHour(full_s) * FULL_RUN.radiant),
  };
}
