/** Sentences about a history that more than one place says. */
import { SHADES, type Band, type Shade } from "../../state/past";
import { hourAndMinute, listed, moment, number, plural, t } from "../../words";

/** "144 looks: 140 all well, 4 needed attention"; what was not seen is left out. */
export function countWords(sums: Record<Shade, number> & { all: number }): string {
  if (sums.all === 0) return t("ui.past.nothing");
  const parts = SHADES.filter((shade) => sums[shade] > 0).map((shade) => t(`ui.past.count.${shade}`, { n: number(sums[shade]) }));
  return `${plural("ui.past.looks", sums.all)}: ${listed(parts)}`;
}

/** What a band says under the pointer. */
export function bandTitle(band: Band): string {
  return t("ui.past.band", { from: moment(band.from), until: hourAndMinute(band.until), what: t(`ui.past.shade.${band.shade}`) });
}
