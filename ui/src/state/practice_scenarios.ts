/** The scenarios of the practice organization, by the names it knows them under, grouped by what fails. */
import type { PracticeScenario } from "../host/model";

/** The groups of the practice controls, in order. */
export const PRACTICE_GROUPS = ["okta", "radiant", "token", "network"] as const;
export type PracticeGroup = (typeof PRACTICE_GROUPS)[number];

/** The scenarios of each group, in order. */
export const PRACTICE_SCENARIOS = {
  okta: ["okta_down", "rate_limited", "read_only_mode", "org_unknown", "address_blocked", "foreign_next"],
  radiant: ["radiant_not_polling", "radiant_lag", "radiant_down", "wrong_index", "byob_needed"],
  token: ["token_revoked", "owner_deactivated", "right_lost", "token_restricted"],
  network: ["slow", "truncated", "captive_portal", "redirect", "clock_off"],
} as const satisfies Record<PracticeGroup, readonly PracticeScenario[]>;
