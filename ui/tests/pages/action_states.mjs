/** The states of the response actions of a connection. */
import { reused, type, press, open, tab, bottom, details, detailsDe } from "./acts.mjs";

const pick = reused((id) => (page) => page.locator(`label[for=${id}]`).click());
const responses = [...details, tab("actions")];
const responsesDe = [...detailsDe, tab("actions")];
const previewed = (text) => [...responses, type("action-targets", text), press("Preview")];
const actionOn = (kind, text) => [...responses, pick(`action-${kind}`), type("action-targets", text), press("Preview")];
const act = reused((label) => press(label));
const reasoned = type("action-reason", "Phishing report");
const acted = [...previewed("jo.doe@example.com"), reasoned, type("action-ticket", "INC-4211"), act("Lock down jo.doe@example.com")];

export const ACTION_STATES = [
  { name: "actions-choose", scenario: "actions", act: responses },
  { name: "actions-choose-de", scenario: "actions", language: "de", act: responsesDe },
  { name: "actions-missing", scenario: "actions_empty", act: [...responses, press("Preview")] },
  { name: "actions-loading", scenario: "actions_loading", act: responses },
  { name: "actions-token", scenario: "actions_token", act: responses },
  { name: "actions-token-refused", scenario: "actions_token", act: [...responses, type("action-token", "wrong"), press("Use this token")] },
  { name: "actions-token-practice", scenario: "actions_practice", act: responses },
  { name: "actions-held", scenario: "actions_held", act: responses },
  { name: "actions-forbidden", scenario: "actions_forbidden", act: responses },
  { name: "actions-due", scenario: "actions_due", act: responses },
  { name: "actions-preview", scenario: "actions", act: previewed("jo.doe@example.com") },
  { name: "actions-preview-de", scenario: "actions", language: "de", act: [...responsesDe, type("action-targets", "jo.doe@example.com"), press("Vorschau")] },
  { name: "actions-preview-missing", scenario: "actions", act: [...previewed("jo.doe@example.com"), act("Lock down jo.doe@example.com")] },
  { name: "actions-preview-no-reminder", scenario: "actions", act: [...previewed("jo.doe@example.com"), bottom] },
  { name: "actions-preview-reminder", scenario: "actions", act: [...previewed("jo.doe@example.com"), press("Set a reminder"), bottom] },
  { name: "actions-preview-admin", scenario: "actions", act: [...actionOn("reset_factors", "sam.lee@example.com"), act("Reset the factors of sam.lee@example.com")] },
  { name: "actions-preview-long", scenario: "actions", act: previewed("ann@example.com") },
  { name: "actions-preview-several", scenario: "actions", act: previewed("jo.doe@example.com\nsam.lee@example.com\nsvc-radiant@example.com\nnobody@example.com") },
  { name: "actions-preview-candidates", scenario: "actions", act: previewed("jo") },
  { name: "actions-preview-refused", scenario: "actions", act: previewed("svc-radiant@example.com\nold.account@example.com") },
  { name: "actions-ipv6", scenario: "actions", act: [...responses, pick("action-block_address"), pick("action-ipv6")] },
  { name: "actions-ipv6-de", scenario: "actions", language: "de", act: [...responsesDe, pick("action-block_address")] },
  { name: "actions-preview-address", scenario: "actions", act: actionOn("block_address", "198.51.100.0/28\n198.51.100.9\n10.0.0.1") },
  { name: "actions-preview-expired", scenario: "actions_expired", act: previewed("jo.doe@example.com") },
  { name: "actions-preview-failed", scenario: "actions_refused", act: previewed("jo.doe@example.com") },
  { name: "actions-running", scenario: "actions_running", act: [...previewed("jo.doe@example.com\nann@example.com\njo.baker@example.com"), reasoned, act("Lock down 3 users")] },
  { name: "actions-done", scenario: "actions", act: acted },
  { name: "actions-done-end", scenario: "actions", act: [...acted, open("Text for the help desk"), bottom] },
  { name: "actions-partly", scenario: "actions_partly", act: acted },
  { name: "actions-unknown", scenario: "actions_unknown", act: acted },
  { name: "actions-failed", scenario: "actions_failed", act: acted },
  { name: "actions-stopped", scenario: "actions_stopped", act: [...previewed("jo.doe@example.com\nann@example.com"), reasoned, act("Lock down 2 users")] },
  { name: "actions-undo", scenario: "actions", act: [...acted, press("Lift lockdown: jo.doe@example.com")] },
  { name: "actions-audit", scenario: "actions", act: [...responses, press("Audit")] },
  { name: "actions-audit-open", scenario: "actions", act: [...responses, press("Audit"), open("Details")] },
  { name: "actions-audit-de", scenario: "actions", language: "de", act: [...responsesDe, press("Protokoll"), press("Prüfen")] },
  { name: "actions-audit-none", scenario: "actions", act: [...responses, press("Audit"), type("audit-search", "nobody")] },
  { name: "actions-audit-empty", scenario: "actions_empty", act: [...responses, press("Audit"), press("CSV")] },
  { name: "actions-audit-changed", scenario: "actions_changed", act: [...responses, press("Audit"), press("Verify")] },
  { name: "actions-audit-acknowledged", scenario: "actions_changed", act: [...responses, press("Audit"), press("Verify"), type("audit-known", "Restored from a backup of 10 March"), press("Acknowledge the change")] },
  { name: "actions-audit-failed", scenario: "actions_refused", act: [...responses, press("Audit")] },
  { name: "actions-blocked", scenario: "actions", act: [...responses, press("Blocked now")] },
  { name: "actions-blocked-empty", scenario: "actions_empty", act: [...responses, press("Blocked now")] },
  { name: "actions-blocked-failed", scenario: "actions_refused", act: [...responses, press("Blocked now")] },
  { name: "actions-rehearsal", scenario: "actions", act: [...responses, press("Rehearsal"), press("Rehearse")] },
  { name: "actions-rehearsed", scenario: "actions", act: [...responses, press("Rehearsal"), type("rehearse-user", "jo.doe@example.com"), type("rehearse-typed", "jo.doe@example.com"), press("Rehearse")] },
];
