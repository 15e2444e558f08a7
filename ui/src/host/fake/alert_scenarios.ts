/** The scenarios of team alerts and of newer versions. */
import { workingChannel } from "./alert_handlers";
import { finishedView, NOW, problem } from "./connection_views";
import type { Scenario } from "./fake_app";
import { policyFixing } from "./policy_views";

export const alertScenarios: Record<string, Scenario> = {
  alerts: { views: [finishedView("c1", "acme")], alerts: { slack: workingChannel, webhook: { host: "events.example.com", signed: true, waiting: 2 } } },
  alerts_failing: {
    views: [finishedView("c1", "acme")],
    alerts: {
      slack: { ...workingChannel, failure: { at: NOW, given_up: true, problem: problem("alert_refused", { args: { host: "hooks.slack.com", status: "404" } }) } },
      webhook: { host: "events.example.com", waiting: 1, failure: { at: NOW, given_up: false, problem: problem("alert_unreachable", { args: { host: "events.example.com" }, detail: "the connection was refused" }) } },
    },
    alertTest: { result: "unreachable", problem: problem("alert_untrusted", { args: { host: "hooks.slack.com" } }) },
  },
  alerts_refused: { views: [finishedView("c1", "acme")], alerts: { slack: workingChannel }, alertTest: { result: "refused", status: 403 } },
  alerts_unread: { views: [finishedView("c1", "acme")], refuse: { alerts: problem("store_busy") } },
  alerts_policy: { views: [finishedView("c1", "acme")], alerts: { slack: workingChannel }, policy: policyFixing({ alert_names: false, alert_host: "hooks.slack.com", contact: "IT Security" }) },
  alerts_forbidden: { views: [finishedView("c1", "acme")], alerts: { slack: workingChannel }, policy: policyFixing({ alerts: false, contact: "IT Security" }) },
  update_available: {
    views: [finishedView("c1", "acme")],
    update: { host: "downloads.example.com", checked: NOW, problem: null, newer: { version: "1.4.0", date: "2026-03-09", link: "https://downloads.example.com/okta-connector/1.4.0" } },
  },
  update_none: { views: [finishedView("c1", "acme")], update: { host: "downloads.example.com", checked: NOW, newer: null, problem: null } },
  update_refused: {
    views: [finishedView("c1", "acme")],
    update: { host: "downloads.example.com", checked: null, newer: null, problem: null },
    updateAfterCheck: { host: "downloads.example.com", checked: NOW, newer: null, problem: problem("update_signature_invalid") },
  },
};
