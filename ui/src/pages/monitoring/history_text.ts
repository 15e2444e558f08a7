/** Texts about a history that are used in more than one place. */
import { dateAndTime, formatNumber, hourAndMinute, plural, statusLabel, t } from "../../messages";
import { type Band, HOUR_STATES, type HourState } from "../../state/history_chart";

/** Returns "144 checks. No problems: 140 · Needs attention: 4"; states that did not occur are left out. */
export function countsText(counts: Record<HourState, number> & { all: number }): string {
  if (counts.all === 0) return t("ui.history.nothing");
  const parts = HOUR_STATES.filter((state) => counts[state] > 0).map((state) => t("ui.history.count", { what: statusLabel(state), n: formatNumber(counts[state]) }));
  return `${plural("ui.history.checks", counts.all)}. ${parts.join("\u00a0· ")}`;
}

/** Returns the tooltip of a band. */
export function bandTitle(band: Band): string {
  return t("ui.history.band", { from: dateAndTime(band.from), until: hourAndMinute(band.until), what: statusLabel(band.state) });
}
