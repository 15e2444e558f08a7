/**
 * What a history shows, as pure functions: bands of hours in one state, the lag as a line with its gaps, marks of time, and sums.
 * Positions are shares of the span, from 0 to 1. An hour nothing was looked at is nothing: no band, no point.
 */
import type { History, Hour, HourPoint, Span } from "../host/model";

/** What an hour showed at its worst. */
export type Shade = "ok" | "offline" | "attention" | "stopped";
/** Hours in a row of one shade. */
export type Band = { at: number; wide: number; shade: Shade; from: string; until: string; hours: number };
/** The highest lag of one hour; `at` is the hour's middle. */
export type LagPoint = { at: number; seconds: number };
/** A mark on the axis. */
export type Mark = { at: number; time: string };
/** A line of the table: an hour, or hours nothing was looked at. */
export type Line = { from: string; hour: Hour } | { from: string; until: string; hour: null };

export const SPANS: readonly Span[] = ["day", "week", "month"];
export const SHADES: readonly Shade[] = ["ok", "attention", "stopped", "offline"];
const HOUR_MS = 3_600_000;
/** Hours between two marks; 24 and more fall on local midnights. */
const EVERY: Record<Span, number> = { day: 6, week: 24, month: 120 };
/** Part of the axis at both ends where a mark's words would not fit. */
const MARGIN = 0.04;
/** Requests of Okta behind one run of all checks, and of Radiant. About: roles and zones may take several pages. */
const FULL = { okta: 12, radiant: 4 };
/** A look at both sides asks Okta once, in a busy org twice, and Radiant twice. */
const FRESHNESS = { okta: 2, radiant: 2 };

/** The gravest that was seen in an hour; `null` when nothing was looked at. */
export function shadeOf(hour: Hour): Shade | null {
  if (hour.stopped > 0) return "stopped";
  if (hour.attention > 0) return "attention";
  if (hour.offline > 0) return "offline";
  return hour.ok > 0 ? "ok" : null;
}

/** Beginning and length in milliseconds. The first hour is the first whole one: of the one before, a part alone would be known. */
function frame(history: History): { start: number; length: number } {
  const start = Math.ceil(Date.parse(history.from) / HOUR_MS) * HOUR_MS;
  return { start, length: Math.max(HOUR_MS, Date.parse(history.until) - start) };
}

const iso = (ms: number): string => new Date(ms).toISOString();

export function bands(history: History): Band[] {
  const { start, length } = frame(history);
  const found: { shade: Shade; from: number; until: number }[] = [];
  for (const point of history.hours) {
    const shade = shadeOf(point.hour);
    const from = Date.parse(point.from);
    const until = Math.min(from + HOUR_MS, start + length);
    if (!shade || until <= from) continue;
    const last = found.at(-1);
    if (last && last.shade === shade && last.until === from) last.until = until;
    else found.push({ shade, from, until });
  }
  return found.map(({ shade, from, until }) => ({
    at: (from - start) / length,
    wide: (until - from) / length,
    shade,
    from: iso(from),
    until: iso(until),
    hours: Math.ceil((until - from) / HOUR_MS),
  }));
}

/** The highest lag of each hour, in lines that end where an hour has none. */
export function lagLines(history: History): LagPoint[][] {
  const { start, length } = frame(history);
  const lines: LagPoint[][] = [];
  let before = Number.NaN;
  for (const point of history.hours.filter((one) => one.hour.lags.length > 0)) {
    const from = Date.parse(point.from);
    const made = { at: Math.min(1, (from + HOUR_MS / 2 - start) / length), seconds: highest(point.hour) ?? 0 };
    if (from - before === HOUR_MS) lines.at(-1)?.push(made);
    else lines.push([made]);
    before = from;
  }
  return lines;
}

export function highest(hour: Hour): number | null {
  return hour.lags.length === 0 ? null : Math.max(...hour.lags);
}

/** The marks of a span: every six hours, every day, or every fifth day, at local full hours. */
export function marks(history: History, span: Span): Mark[] {
  const { start, length } = frame(history);
  const every = EVERY[span];
  const first = new Date(start);
  first.setHours(0, 0, 0, 0);
  const found: Mark[] = [];
  for (let step = 0; found.length < 40; step += every) {
    const time = new Date(first);
    // Days are stepped as days, so that a change of the clock does not shift the midnights.
    if (every >= 24) time.setDate(first.getDate() + step / 24);
    else time.setHours(step);
    const at = (time.getTime() - start) / length;
    if (at > 1 - MARGIN) break;
    if (at >= MARGIN) found.push({ at, time: time.toISOString() });
  }
  return found;
}

/** Hours newest first, with one line for hours in a row that nothing was looked at. */
export function lines(history: History): Line[] {
  const { start, length } = frame(history);
  const all: Line[] = [];
  let next = start;
  const gap = (until: number): void => {
    if (until - next >= HOUR_MS) all.push({ from: iso(next), until: iso(until), hour: null });
  };
  for (const point of history.hours.filter((one) => shadeOf(one.hour) !== null)) {
    const from = Date.parse(point.from);
    gap(from);
    all.push({ from: point.from, hour: point.hour });
    next = from + HOUR_MS;
  }
  gap(start + length);
  return all.reverse();
}

/** Looks over a span, by what they found. */
export function counts(hours: readonly HourPoint[]): Record<Shade, number> & { all: number } {
  const sum = (shade: Shade): number => hours.reduce((total, point) => total + point.hour[shade], 0);
  const found = { ok: sum("ok"), attention: sum("attention"), stopped: sum("stopped"), offline: sum("offline") };
  return { ...found, all: found.ok + found.attention + found.stopped + found.offline };
}

/** Requests an hour that watching one connection makes at most while all is well. */
export function requestsAnHour(settings: { heartbeat_s: number; freshness_s: number; full_s: number }): { okta: number; radiant: number } {
  const an = (every: number): number => 3600 / every;
  const { heartbeat_s, freshness_s, full_s } = settings;
  return {
    okta: Math.ceil(an(heartbeat_s) + an(freshness_s) * FRESHNESS.okta + an(full_s) * FULL.okta),
    radiant: Math.ceil(an(freshness_s) * FRESHNESS.radiant + an(full_s) * FULL.radiant),
  };
}
