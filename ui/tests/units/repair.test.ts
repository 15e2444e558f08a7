import { cleanup, render, screen } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { finishedView, keepCheckedToken, practiceView, problem, report, row, rowsAfterFailure, viewAtStep } from "../../src/host/fake/connection_views";
import { changeStep } from "../../src/host/fake/guide_views";
import type { Code, ConnectionView, RepairAction } from "../../src/host/model";
import { t } from "../../src/messages";
import Connection from "../../src/pages/Connection.svelte";
import Overview from "../../src/pages/Overview.svelte";
import RepairButton from "../../src/pages/RepairButton.svelte";
import GuidePage from "../../src/pages/guide/Guide.svelte";
import { opened, openedGuide, soon, stubBrowser } from "./support";

beforeEach(stubBrowser);
afterEach(cleanup);

function brokenView(code: Code, repair: RepairAction): ConnectionView {
  return finishedView("c1", "acme", (view) => {
    view.report = report(rowsAfterFailure("token", code), []);
    view.status = { ...view.status, state: "stopped", problem: problem(code), row: "token", since: "2026-03-10T07:12:00Z" };
    view.repair = repair;
    view.monitor.conditions = [{ row: "token", problem: problem(code), since: "2026-03-10T07:12:00Z", probes: 18, role: "root" }];
  });
}

const primary = (): HTMLButtonElement[] => [...document.querySelectorAll<HTMLButtonElement>("button.primary")];

/** Every action with where its button leads. */
const ACTIONS: [RepairAction, string][] = [
  [{ action: "replace_token" }, "guide create_token"],
  [{ action: "enter_token" }, "guide paste_token"],
  [{ action: "replace_monitoring_token" }, "guide done"],
  [{ action: "replace_search_token" }, "guide arrival"],
  [{ action: "fix_search_settings" }, "guide arrival"],
  [{ action: "enter_domain" }, "edit"],
  [{ action: "switch_profile" }, "edit"],
  [{ action: "decide_inspection" }, "guide paste_token"],
  [{ action: "decide_radiant_inspection" }, "guide arrival"],
  [{ action: "decide_owner" }, "guide paste_token"],
  [{ action: "confirm_roles" }, "confirmOwner"],
  [{ action: "open_page", with: { to: "radiant_data_connectors" } }, "openLink"],
  [{ action: "open_diagnostics" }, "diagnostics"],
  [{ action: "check_again", with: "unlock_keychain" }, "check"],
  [{ action: "wait", with: "okta" }, "check"],
];

describe("the button of a problem", () => {
  it.each(ACTIONS)("leads to the cure: %o", async (action, expected) => {
    const view = brokenView("token_refused", action);
    const { app, fake } = await opened({ views: [view] });
    const check = vi.fn();
    render(RepairButton, { app, view, action, oncheck: check });
    expect(primary()).toHaveLength(1);
    expect(primary()[0]?.textContent.trim()).not.toMatch(/^$|^ui\./);
    primary()[0]?.click();
    await soon(() => {
      const { screen: shown } = app;
      const step = app.view("c1")?.setup.step;
      const reached = [shown.name === "guide" ? `guide ${step}` : shown.name, ...fake.calls, ...(check.mock.calls.length > 0 ? ["check"] : [])];
      expect(reached).toContain(expected);
    });
  });

  it("checks again in practice, which has no pages to open", async () => {
    const action: RepairAction = { action: "open_page", with: { to: "okta_administrators" } };
    const view = practiceView(brokenView("role_too_small", action));
    const { app, fake } = await opened({ views: [view] });
    const check = vi.fn();
    render(RepairButton, { app, view, action, oncheck: check });
    expect(screen.getByText(t("ui.repair.practice"))).toBeTruthy();
    primary()[0]?.click();
    expect(check).toHaveBeenCalledOnce();
    expect(fake.calls).not.toContain("openLink");
  });

  it("says what is waited for", async () => {
    const view = brokenView("okta_rate_limited", { action: "wait", with: "rate_limit" });
    const { app } = await opened({ views: [view] });
    render(RepairButton, { app, view, action: { action: "wait", with: "rate_limit" }, oncheck: vi.fn() });
    expect(screen.getByText(t("ui.repair.wait.rate_limit"))).toBeTruthy();
  });

  it("is the only primary button of the cause, in the list and on the page", async () => {
    const view = brokenView("owner_not_active", { action: "replace_token" });
    const { app } = await opened({ views: [view] });
    render(Overview, { app });
    await soon(() => expect(primary().map((one) => one.textContent.trim())).toContain(t("ui.repair.replace_token")));
    cleanup();
    render(Connection, { app, view });
    expect(primary().map((one) => one.textContent.trim())).toEqual([t("ui.repair.replace_token")]);
  });

  it("is shown with its cause where no check found it", async () => {
    const view = brokenView("nobody_checks", { action: "check_again", with: "checks" });
    view.status = { ...view.status, state: "unknown", row: null };
    view.monitor.conditions = [];
    const { app } = await opened({ views: [view] });
    render(Connection, { app, view });
    expect(screen.getByText(t("code.nobody_checks.title"))).toBeTruthy();
    expect(primary().map((one) => one.textContent.trim())).toEqual([t("ui.repair.check_again")]);
  });
});

describe("the replacement of a token", () => {
  it("goes from the new token to the arrival, passes the connectors, and says nothing of a rotation", async () => {
    const { app, fake, guide } = await openedGuide({ views: [brokenView("token_refused", { action: "replace_token" })] });
    await app.replaceToken("c1");
    expect(app.screen).toEqual({ name: "guide", id: "c1" });
    const view = app.view("c1");
    if (!view) throw new Error("the connection is gone");
    render(GuidePage, { app, initial: view });
    expect(screen.getByText(t("ui.replace.stopped"))).toBeTruthy();
    expect(document.body.textContent).not.toContain("goes on working");
    await guide.next();
    expect(guide.missing.map((one) => one.what), "the earlier statement is about the old token").toEqual(["token_created"]);
    await guide.confirm("token_created", true);
    await guide.next();
    expect(guide.step).toBe("paste_token");
    await guide.next();
    expect(guide.missing.map((one) => one.what)).toEqual(["token"]);
    await guide.storeSecret("okta_token", `00${"a".repeat(40)}`, false);
    await guide.checks.run(["token"]);
    await guide.next();
    expect(guide.step).toBe("credential");
    await tick();
    expect(screen.getByText(t("ui.rotation.update.done"))).toBeTruthy();
    await guide.confirm("credential_added", true);
    await guide.next();
    expect(guide.step).toBe("arrival");
    await tick();
    expect(screen.getByText(t("ui.replace.arrival"))).toBeTruthy();
    expect(fake.calls, "the search begins without another press").toContain("watchArrival");
    await guide.back();
    expect(guide.step).toBe("credential");
    await guide.goTo("done");
    await guide.finish("token", false);
    expect(app.view("c1")?.setup.replacement).toBeNull();
    expect(fake.calls).toContain("beginReplacement");
  });

  it("can be continued although the new token already works, and nobody is sent into a rotation meanwhile", async () => {
    const view = finishedView("c1", "acme", (one) => (one.setup.replacement = "2026-03-10T10:16:00Z"));
    const { app, fake } = await opened({ views: [view] });
    render(Connection, { app, view });
    expect(screen.queryByRole("button", { name: t("ui.rotation.open") })).toBeNull();
    screen.getByRole("button", { name: t("ui.replace.continue") }).click();
    await soon(() => expect(app.screen).toEqual({ name: "guide", id: "c1" }));
    expect(fake.calls).toContain("beginReplacement");
  });

  it("asks for the new token at once, not for the one that is stored", async () => {
    const view = brokenView("token_refused", { action: "replace_token" });
    view.setup = { ...view.setup, step: "paste_token", replacement: "2026-03-10T10:16:00Z" };
    const { app } = await opened({ views: [view] });
    render(GuidePage, { app, initial: view });
    expect(screen.getByLabelText(t("ui.paste.label"))).toBeTruthy();
    expect(screen.queryByText(t("ui.paste.kept"))).toBeNull();
  });
});

describe("a token that cannot carry out response actions", () => {
  const lacking = (): ConnectionView =>
    viewAtStep("paste_token", (view) => {
      keepCheckedToken(view, report([row("roles", "unknown", { code: "roles_not_told" })], [], false));
      view.guide.lacks_response_role = true;
      changeStep(view.guide, "paste_token", { mark: "attention" });
    });

  it("can be replaced where it was pasted", async () => {
    const view = lacking();
    const { app } = await opened({ views: [view] });
    render(GuidePage, { app, initial: view });
    screen.getByRole("button", { name: t("ui.paste.useAnother") }).click();
    await soon(() => expect(screen.getByLabelText(t("ui.paste.label"))).toBeTruthy());
  });

  it("can be used for ingestion only", async () => {
    const view = lacking();
    const { app, fake } = await opened({ views: [view] });
    render(GuidePage, { app, initial: view });
    screen.getByRole("button", { name: t("ui.edit.profile.to", { profile: t("profile.ingestion") }) }).click();
    await soon(() => expect(fake.calls).toContain("runChecks"));
    expect(app.view("c1")?.connection.profile).toBe("ingestion");
    await soon(() => expect(screen.queryByText(t("ui.paste.lacksRole"))).toBeNull());
  });
});
