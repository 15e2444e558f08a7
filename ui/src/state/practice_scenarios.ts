/** The scenarios of the practice organization, by the names it knows them under. */
import type { PracticeScenario } from "../host/model";

export const PRACTICE_SCENARIOS = [
  "okta_down",
  "rate_limited",
  "slow",
  "truncated",
  "captive_portal",
  "address_blocked",
  "org_unknown",
  "foreign_next",
  "redirect",
  "read_only_mode",
  "clock_off",
  "radiant_not_polling",
  "radiant_lag",
  "radiant_down",
  "wrong_index",
  "byob_needed",
  "token_revoked",
  "owner_deactivated",
  "right_lost",
  "token_restricted",
] as const satisfies readonly PracticeScenario[];
