/** What the primary button of a problem does. The app decides which action leads to the cure; the window only knows where it is. */
import type { ConnectionView, GuideStep, RepairAction } from "../host/model";
import type { App } from "./app.svelte";
import { isPublic } from "./link_availability";

/** The step of the guide where an action is carried out. */
const STEPS: Partial<Record<RepairAction["action"], GuideStep>> = {
  enter_token: "paste_token",
  decide_inspection: "paste_token",
  decide_owner: "paste_token",
  replace_search_token: "arrival",
  fix_search_settings: "arrival",
  decide_radiant_inspection: "arrival",
  replace_monitoring_token: "done",
};

/** Whether the action opens a page that the practice organization does not have. */
export function isPageMissing(view: ConnectionView, action: RepairAction): boolean {
  return action.action === "open_page" && view.practice && !isPublic(action.with);
}

/** Whether the action runs the checks. */
export function isCheck(view: ConnectionView, action: RepairAction): boolean {
  return action.action === "check_again" || action.action === "wait" || isPageMissing(view, action);
}

/** Carries out an action; `check` runs the checks of the page. */
export async function repair(app: App, view: ConnectionView, action: RepairAction, check: () => void): Promise<void> {
  const { id } = view.connection;
  const step = STEPS[action.action];
  if (isCheck(view, action)) check();
  else if (step) await app.openGuide(id, step);
  else if (action.action === "replace_token") await app.replaceToken(id);
  else if (action.action === "confirm_roles") await app.confirmOwner(id);
  else if (action.action === "open_page") await app.openLink(id, action.with);
  else if (action.action === "open_diagnostics") app.open({ name: "diagnostics" });
  else if (action.action === "open_relay") app.open({ name: "connection", id, tab: "relay" });
  else app.open({ name: "edit", id });
}
