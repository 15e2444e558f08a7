/** Whether the stored tokens of a connection allow checks, and which. */
import { type CheckId, type ConnectionView, OKTA_CHECKS, RADIANT_CHECKS } from "../host/model";
import { hasSecret } from "./connection_facts";

/** Whether a stored token allows checks. */
export function canCheck(view: ConnectionView): boolean {
  return hasSecret(view, "okta_token") || hasSecret(view, "monitoring_token");
}

/** Whether no token is kept for checks after the guide. The status says so too, unless the relay of the connection has a problem. */
export function isUnwatched(view: ConnectionView): boolean {
  return view.setup.finished !== null && view.connection.keep === "nothing";
}

/** Returns the checks that the stored tokens allow. */
export function usableChecks(view: ConnectionView): readonly CheckId[] {
  return hasSecret(view, "radiant_search_token") ? [...OKTA_CHECKS, ...RADIANT_CHECKS] : OKTA_CHECKS;
}
