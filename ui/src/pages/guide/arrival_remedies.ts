/** Remedies shown at step 8 instead of the catalog's, which are written for other pages. */
import type { Code } from "../../host/model";
import { type MessageKey, t } from "../../messages";

const REMEDIES: Partial<Record<Code, MessageKey>> = {
  radiant_no_events: "ui.arrival.advice",
  radiant_no_match: "ui.arrival.advice",
  radiant_type_unset: "ui.arrival.advice",
  radiant_index_unset: "ui.arrival.advice.index",
  radiant_index_wrong: "ui.arrival.advice.index",
  radiant_index_no_match: "ui.arrival.advice.index",
  radiant_byob_needed: "ui.arrival.advice.bucket",
  radiant_field_wrong: "ui.arrival.advice.settings",
  radiant_query_refused: "ui.arrival.advice.settings",
};

/** Returns the remedy for `code` at step 8, where it differs. */
export function arrivalRemedy(code: Code): string | undefined {
  const key = REMEDIES[code];
  return key && t(key);
}
