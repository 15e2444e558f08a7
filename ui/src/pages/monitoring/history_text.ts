/** Sentences about a history that more than one place says. */
import { SHADES, type Band, type Shade } from "../../state/history_chart";
import { hourAndMinute, moment, number, plural, stateWord, t } from "../../messages";

/** "144 looks. Nothing wrong found: 140 · Needs attention: 4"; what was not seen is left out. */
export function countWords(sums: Record<Shade, number> & { all: number }): string {
  if (sums.all === 0) return t("ui.past.nothing");
  const parts = SHADES.filter((shade) => sums[shade] > 0).map((shade) => t("ui.past.count", { what: stateWord(shade), n: number(sums[shade]) }));
  return `${plural("ui.past.looks", sums.all)}. ${parts.join("\u00a0· ")}`;
}

/** What a band says under the pointer. */
export function bandTitle(band: Band): string {
  return t("ui.past.band", { from: moment(band.from), until: hourAndMinute(band.until), what: stateWord(band.shade) });
}
