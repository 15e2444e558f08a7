/** Example policies of the organization. */
import type { MonitorSettings, Policy, PolicyView } from "../model";
import { problem } from "./connection_views";

const PLACE = "/etc/okta-connector-for-radiant/policy.json";
const NOTHING: Policy = {
  heartbeat_s: null,
  freshness_s: null,
  full_s: null,
  allowed_lag_s: null,
  rate_share: null,
  notices: null,
  ask_before_copying: null,
  launch_at_login: null,
  response_actions: null,
  relay: null,
  alerts: null,
  alert_names: null,
  alert_host: null,
  update_url: null,
  update_key: null,
  contact: null,
};

/** There is no policy file. */
export const noPolicy: PolicyView = { place: PLACE, standing: "absent", fixed: NOTHING, remarks: [], problem: null };

/** Returns a valid policy. */
export function policyFixing(fixed: Partial<Policy>, remarks: PolicyView["remarks"] = []): PolicyView {
  return { ...noPolicy, standing: "believed", fixed: { ...NOTHING, ...fixed }, remarks };
}

/** A policy file that is not trusted. */
export const untrustedPolicy: PolicyView = {
  ...noPolicy,
  standing: "not_believed",
  fixed: { ...NOTHING, response_actions: false, relay: false, alerts: false, alert_names: false },
  problem: problem("policy_untrusted", { args: { path: PLACE } }),
};

/** A policy file with several faults. */
export const unparsablePolicy: PolicyView = {
  ...untrustedPolicy,
  remarks: [
    { what: "wants_number", args: { key: "heartbeat_s", written: '"often"' }, line: 3 },
    { what: "unknown_keys", args: { key: "colour", keys: "colour" }, line: 5 },
    { what: "wants_flag", args: { key: "notices", written: "1" }, line: 7 },
  ],
  problem: problem("policy_garbled"),
};

/** Applies a policy to settings, as the app does. */
export function applyPolicy(policy: PolicyView, settings: MonitorSettings): MonitorSettings {
  const { heartbeat_s, freshness_s, full_s, allowed_lag_s, rate_share, notices } = policy.fixed;
  const fixed = Object.entries({ heartbeat_s, freshness_s, full_s, allowed_lag_s, rate_share, notices }).filter(([, value]) => value !== null);
  return { ...settings, ...Object.fromEntries(fixed) };
}
