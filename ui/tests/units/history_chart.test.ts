import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { NOW } from "../../src/host/fake/connection_views";
import { changedView, historiesBy } from "../../src/host/fake/monitoring_views";
import type { History, HourStats } from "../../src/host/model";
import { bands, changeMarks, countsOf, delayLines, hourStateOf, marks, percentile, requestsPerHour, sinceSetup, tableRows } from "../../src/state/history_chart";

const none: HourStats = { ok: 0, attention: 0, stopped: 0, offline: 0, requests: 0, delays: [], longest_gap_s: null, least_left: null };

/** A history of 24 hours until noon, with these hours of the day. */
function history(hours: Record<number, Partial<HourStats>>): History {
  const points = Object.entries(hours).map(([hour, stats]) => ({ from: `2026-03-10T${hour.padStart(2, "0")}:00:00Z`, hour: { ...none, ...stats } }));
  return { from: "2026-03-09T12:00:00Z", until: "2026-03-10T12:00:00Z", hours: points, changes: [], changes_total: 0, delay_p50: null, delay_p95: null, compared_at: null, delay_newest: null };
}

describe("the marked changes", () => {
  it("are a rotation and tokens replaced after the set-up, each once and only in the span", () => {
    const view = changedView();
    const shown = (): string[] => changeMarks({ ...history({}), from: "2026-03-09T10:15:00Z", until: NOW }, view).map((one) => one.what);
    expect(shown()).toEqual(["search_token", "search", "rotated"]);
    if (view.rotation) view.rotation.finished = "2026-03-01T10:00:00Z";
    expect(shown()).toEqual(["search_token", "search", "token"]);
    view.setup.finished = NOW;
    expect(shown()).toEqual([]);
  });

  it("are the settings of the connection and of monitoring, once changed after the set-up", () => {
    const view = changedView();
    const span = { ...history({}), from: "2026-03-09T10:15:00Z", until: NOW };
    const shown = (monitoring: string | null): string[] => changeMarks(span, view, monitoring).map((one) => one.what).filter((what) => !/token|rotated/.test(what));
    expect(shown(null)).toEqual(["search"]);
    view.setup.profile_changed = "2026-03-10T06:00:00Z";
    expect(shown("2026-03-10T07:00:00Z")).toEqual(["search", "profile", "monitoring"]);
    view.setup.finished = "2026-03-10T06:30:00Z";
    expect(shown("2026-03-10T07:00:00Z")).toEqual(["monitoring"]);
  });
});

describe("a band", () => {
  it("shows the worst state of an hour, and nothing for an hour without a check", () => {
    expect(hourStateOf({ ...none, ok: 5, attention: 1 })).toBe("attention");
    expect(hourStateOf({ ...none, ok: 5, stopped: 1, attention: 1 })).toBe("stopped");
    expect(hourStateOf(none)).toBeNull();
  });

  it("joins consecutive hours of one state and ends at an hour without a check", () => {
    const drawn = bands(history({ 0: { ok: 1 }, 1: { ok: 1 }, 3: { ok: 1 }, 4: { stopped: 1 } }));
    expect(drawn.map(({ state, hours }) => [state, hours])).toEqual([["ok", 2], ["ok", 1], ["stopped", 1]]);
    expect(drawn[0]?.at).toBeCloseTo(0.5);
    expect(drawn[0]?.width).toBeCloseTo(2 / 24);
  });

  it("starts at the first whole hour, because the hour before is only partly known", () => {
    const past = { ...history({ 11: { ok: 1 } }), from: "2026-03-09T12:15:00Z", until: "2026-03-10T12:15:00Z" };
    expect(bands(past)[0]?.from).toBe("2026-03-10T11:00:00.000Z");
    expect(tableRows(past).at(-1)?.from).toBe("2026-03-09T13:00:00.000Z");
  });
});

describe("the line of the delivery delay", () => {
  it("shows the median or the 95th percentile of each hour and ends where nothing was measured", () => {
    const past = history({ 1: { delays: [60, 5, 7] }, 2: { delays: [30] }, 3: { ok: 1 }, 4: { delays: [9] } });
    const drawn = (percent: number): number[][] => delayLines(past, percent).map((line) => line.map((point) => point.seconds));
    expect(drawn(50)).toEqual([[7, 30], [9]]);
    expect(drawn(95)).toEqual([[60, 30], [9]]);
  });

  it("takes percentiles by the nearest rank, as the app does", () => {
    const delays = Array.from({ length: 20 }, (_, i) => 20 - i);
    expect([percentile(delays, 50), percentile(delays, 95), percentile([7], 95), percentile([], 50)]).toEqual([10, 19, 7, null]);
  });
});

describe("a new connection", () => {
  const young = (setUp: string, hours: Record<number, Partial<HourStats>>): string => sinceSetup(history(hours), setUp).from;

  it("begins with its set-up, over a quarter of the span at least", () => {
    expect(young("2026-03-10T02:40:00Z", { 3: { ok: 1 } })).toBe("2026-03-10T02:00:00.000Z");
    expect(young("2026-03-10T11:50:00Z", { 11: { ok: 1 } })).toBe("2026-03-10T06:00:00.000Z");
    expect(young("2026-01-01T00:00:00Z", {})).toBe("2026-03-09T12:00:00.000Z");
  });

  it("never hides a check from before, such as from an earlier set-up", () => {
    expect(young("2026-03-10T11:50:00Z", { 1: { ok: 1 }, 11: { ok: 1 } })).toBe("2026-03-10T01:00:00.000Z");
    expect(sinceSetup(history({}), null).from).toBe("2026-03-09T12:00:00Z");
  });

  it("has enough marks on its axis", () => {
    const day = sinceSetup(history({}), "2026-03-10T11:50:00Z");
    const week = sinceSetup({ ...history({}), from: "2026-03-03T12:00:00Z" }, "2026-03-10T11:50:00Z");
    const month = sinceSetup({ ...history({}), from: "2026-02-08T12:00:00Z" }, "2026-03-10T11:50:00Z");
    const texts = [day, week, month].map((past) => marks(past));
    for (const found of texts) {
      expect(found.length).toBeGreaterThanOrEqual(3);
      expect(found.length).toBeLessThanOrEqual(8);
    }
    expect(texts[1]?.some((mark) => mark.isDay)).toBe(true);
    expect(texts[2]?.every((mark) => mark.isDay)).toBe(true);
  });
});

describe("the table", () => {
  it("has the values of the plot, newest first, and one row for consecutive hours without a check", () => {
    const all = tableRows(history({ 9: { ok: 2 }, 11: { attention: 1 } }));
    expect(all.map((line) => [line.from.slice(11, 13), line.hour !== null])).toEqual([["11", true], ["10", false], ["09", true], ["12", false]]);
    expect(countsOf(history({ 9: { ok: 2 }, 11: { attention: 1 } }).hours)).toMatchObject({ ok: 2, attention: 1, all: 3 });
  });

  it("has as many hours as the plot, over a whole month", () => {
    const past = historiesBy({})("c1", "month");
    const shown = tableRows(past).filter((line) => line.hour !== null).length;
    expect(shown).toBe(past.hours.length);
    expect(bands(past).reduce((sum, band) => sum + band.hours, 0)).toBe(past.hours.length);
  });
});

describe("the axis", () => {
  const zone = process.env["TZ"];
  beforeAll(() => void (process.env["TZ"] = "Europe/Berlin"));
  afterAll(() => void (zone === undefined ? delete process.env["TZ"] : (process.env["TZ"] = zone)));

  it("marks local midnights, also when daylight saving time begins", () => {
    const past = { ...history({}), from: "2026-03-27T12:00:00Z", until: "2026-04-03T12:00:00Z" };
    const hours = marks(past).map((mark) => new Date(mark.time).getHours());
    expect(hours).toHaveLength(7);
    expect(new Set(hours)).toEqual(new Set([0]));
  });

  it("has no mark so near an end that its label would not fit", () => {
    const at = marks(history({})).map((mark) => mark.at);
    expect(at.length).toBeGreaterThan(2);
    expect(Math.min(...at)).toBeGreaterThan(0.03);
    expect(Math.max(...at)).toBeLessThan(0.97);
  });
});

describe("the cost of monitoring", () => {
  it("is the hourly sum over all three kinds of probes", () => {
    expect(requestsPerHour({ heartbeat_s: 600, freshness_s: 1800, full_s: 86_400 })).toEqual({ okta: 11, radiant: 5 });
    expect(requestsPerHour({ heartbeat_s: 60, freshness_s: 300, full_s: 3600 }).okta).toBe(96);
  });
});

describe("the drawings", () => {
  it("have no length in an attribute that WebKitGTK does not support", () => {
    const sources = import.meta.glob<string>("../../src/**/*.svelte", { query: "?raw", import: "default", eager: true });
    expect(Object.keys(sources).length).toBeGreaterThan(100);
    const unread = /\s(?:x|y|x1|x2|y1|y2|dx|dy|cx|cy|r|rx|ry|width|height)="[^"<>]*[\d}](?:rem|lh|rlh)\b[^"]*"/;
    expect(Object.entries(sources).flatMap(([file, source]) => (unread.test(source) ? [file] : []))).toEqual([]);
  });
});
