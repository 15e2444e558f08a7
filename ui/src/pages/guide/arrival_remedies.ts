/** What to do at step 8 about what stands in the way there: the catalogue's sentences are for readers who are elsewhere. */
import type { Code } from "../../host/model";
import { t, type Key } from "../../messages";

const HERE: Partial<Record<Code, Key>> = {
  radiant_no_events: "ui.arrival.advice",
  radiant_no_match: "ui.arrival.advice",
  radiant_type_unset: "ui.arrival.advice",
  radiant_index_unset: "ui.arrival.advice.index",
  radiant_index_wrong: "ui.arrival.advice.index",
  radiant_byob_needed: "ui.arrival.advice.bucket",
  radiant_field_wrong: "ui.arrival.advice.settings",
  radiant_query_refused: "ui.arrival.advice.settings",
};

/** The remedy for `code` as it is said at step 8, where it differs. */
export function arrivalRemedy(code: Code): string | undefined {
  const key = HERE[code];
  return key && t(key);
}
