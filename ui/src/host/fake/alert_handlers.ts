/** The fake app's team alerts and notices of newer versions. Of a pasted address only the host is kept. */
import type { AlertChannelView, AlertKind, AlertsView, AlertTestResult, PolicyView, UpdateView } from "../model";
import { NOW, problem } from "./connection_views";
import type { Handlers } from "./handler_types";

/** What a scenario fixes of team alerts and newer versions. */
export type AlertScenario = {
  /** The channels that differ from one that is not set up. */
  alerts?: Partial<Record<AlertKind, Partial<AlertChannelView>>>;
  /** What a test answers. */
  alertTest?: AlertTestResult;
  update?: UpdateView;
  /** What is known after a check for newer versions. */
  updateAfterCheck?: UpdateView;
};

const channel = (kind: AlertKind): AlertChannelView => ({
  kind,
  settings: { enabled: false, minimum: "in_doubt", with_names: false },
  host: null,
  signed: false,
  this_run_only: false,
  waiting: 0,
  delivered: null,
  failure: null,
});

/** A channel that is on and works. */
export const workingChannel: Partial<AlertChannelView> = { host: "hooks.slack.com", settings: { enabled: true, minimum: "in_doubt", with_names: true }, delivered: NOW };

export function alertHandlers(scenario: AlertScenario, policy: PolicyView | undefined) {
  const fixed = policy?.fixed;
  const stored = (["webhook", "slack"] as const).map((kind): AlertChannelView => ({ ...channel(kind), ...scenario.alerts?.[kind] }));
  let language: AlertsView["language"] = "system";
  let update: UpdateView = scenario.update ?? { host: null, newer: null, checked: null, problem: null };
  const find = (kind: AlertKind): AlertChannelView => stored.find((one) => one.kind === kind) ?? channel(kind);
  const view = (): AlertsView => {
    const [forbidden, namesForbidden] = [fixed?.alerts === false, fixed?.alert_names === false];
    const inForce = (one: AlertChannelView): AlertChannelView => ({
      ...one,
      settings: { ...one.settings, enabled: one.settings.enabled && !forbidden, with_names: one.settings.with_names && !namesForbidden },
    });
    return { language, forbidden, names_forbidden: namesForbidden, allowed_host: fixed?.alert_host ?? null, channels: stored.map(inForce) };
  };
  return {
    alerts: view,
    changeAlerts: (change) => {
      language = change.language ?? language;
      for (const kind of ["webhook", "slack"] as const) {
        const { enabled, minimum, with_names } = change[kind] ?? {};
        const { settings, host } = find(kind);
        if (enabled && !host) throw problem("alert_address_missing");
        Object.assign(settings, { enabled: enabled ?? settings.enabled, minimum: minimum ?? settings.minimum, with_names: with_names ?? settings.with_names });
      }
      return view();
    },
    storeAlertSecret: (name, value) => {
      if (name === "webhook_key") {
        if (value.trim().length < 16) throw problem("alert_key_too_short", { args: { least: "16" } });
        find("webhook").signed = true;
        return view();
      }
      const url = URL.canParse(value.trim()) ? new URL(value.trim()) : null;
      if (url?.protocol !== "https:") throw problem("alert_address_invalid");
      if (fixed?.alert_host && fixed.alert_host !== url.host) throw problem("alert_host_forbidden", { args: { host: fixed.alert_host } });
      Object.assign(find(name === "slack_url" ? "slack" : "webhook"), { host: url.host, failure: null });
      return view();
    },
    forgetAlertChannel: (kind) => {
      Object.assign(find(kind), channel(kind));
      return view();
    },
    testAlert: (kind) => {
      const result = scenario.alertTest ?? { result: "accepted", status: 200 };
      if (result.result === "accepted") find(kind).failure = null;
      return result;
    },
    updateNotice: () => update,
    checkForUpdate: () => (update = scenario.updateAfterCheck ?? { ...update, checked: NOW }),
  } satisfies Partial<Handlers>;
}
