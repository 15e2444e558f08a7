import { cleanup, render, screen } from "@testing-library/svelte";
import { afterEach, describe, expect, it } from "vitest";

import { finishedView, keepCheckedToken, keepSecret, problem, report, row, rowsAfterFailure, viewAtStep } from "../../src/host/fake/connection_views";
import { type CheckRow, type MissingItem, OKTA_CHECKS } from "../../src/host/model";
import { t } from "../../src/messages";
import CheckRun from "../../src/pages/CheckRun.svelte";
import { Checks } from "../../src/state/checks.svelte";
import { opened, openedGuide } from "./support";

afterEach(cleanup);

const pasted = (rows: CheckRow[], ...missing: MissingItem[]) => viewAtStep("paste_token", (view) => keepCheckedToken(view, report(rows, [], false), ...missing));

describe("the result of the checks", () => {
  it("counts every outcome and lists what needs attention, failed checks first", async () => {
    const view = pasted([
      row("clock", "attention", { code: "clock_off" }),
      row("users", "failed", { code: "users_refused" }),
      row("roles", "unknown", { code: "roles_not_told" }),
      row("tls", "skipped", { skipped: "practice" }),
    ]);
    const { app } = await openedGuide({ views: [view] });
    const checks = new Checks(app, "c1");
    expect(checks.count(OKTA_CHECKS)).toEqual({ all: 13, answered: 13, passed: 9, attention: 1, failed: 1, unknown: 1, skipped: 1 });
    expect(checks.needingAttention(OKTA_CHECKS).map((one) => one.check)).toEqual(["users", "clock", "roles"]);
  });

  it("names the check that blocked another one", async () => {
    const { app } = await openedGuide({ views: [pasted(rowsAfterFailure("token", "token_refused"), "token_not_accepted")] });
    const { container } = render(CheckRun, { checks: new Checks(app, "c1"), ids: OKTA_CHECKS, onlink: () => undefined });
    const reason = t("ui.checks.notAsked", { why: t("ui.checks.needs", { check: t("check.token.title") }) });
    expect(container.querySelector("#check-zones")?.textContent).toContain(reason);
    cleanup();
  });

  it("are folded where they passed, with failures on top, and a row that runs again stays in its place", async () => {
    const rows = [row("zones", "attention", { code: "zones_refused" }), row("users", "failed", { code: "users_refused" }), row("clock", "skipped", { skipped: "practice" })];
    const { app } = await openedGuide({ views: [pasted(rows)], hang: ["runChecks"] });
    const checks = new Checks(app, "c1");
    expect(checks.groups(OKTA_CHECKS)).toMatchObject({ open: ["users", "zones"], skipped: ["clock"] });
    expect(checks.groups(OKTA_CHECKS).passed).toHaveLength(OKTA_CHECKS.length - 3);
    void checks.run(["zones"]);
    expect(checks.groups(OKTA_CHECKS).open).toEqual(["users", "zones"]);
    const { container } = render(CheckRun, { checks: new Checks(app, "c1"), ids: OKTA_CHECKS, onlink: () => undefined });
    expect([...container.querySelectorAll("details details")]).not.toHaveLength(0);
    expect(container.querySelector("#check-users")?.closest("details")).toBeNull();
    expect(container.querySelector("#check-token")?.closest("details")).not.toBeNull();
    cleanup();
    const all = new Checks(app, "c1");
    void all.run(OKTA_CHECKS);
    expect(all.groups(OKTA_CHECKS).open).toEqual(OKTA_CHECKS);
  });

  it("does not show a check as waiting that no run will ask", async () => {
    const { app } = await openedGuide({ views: [viewAtStep("paste_token", (view) => keepSecret(view, "okta_token"))] });
    expect(new Checks(app, "c1").stage("token")).toBe("never");
  });
});

describe("what a step reports as missing", () => {
  it("shows a refused token at its field, and removes the message with the next attempt", async () => {
    const { guide } = await openedGuide({ views: [viewAtStep("paste_token")], refuse: { storeSecret: problem("token_is_id") } });
    await guide.storeSecret("okta_token", "00Tsomething", false);
    expect(guide.tokenProblem?.code).toBe("token_is_id");
    expect(guide.stepProblem).toBeNull();
    guide.dismiss();
    expect(guide.tokenProblem).toBeNull();
  });

  it("does not report the old answer about the token while the checks run again", async () => {
    const { guide } = await openedGuide({ views: [pasted(rowsAfterFailure("token", "token_refused"), "token_not_accepted")], report: report([], [], false) });
    await guide.next();
    expect(guide.missing.map((one) => one.what)).toEqual(["token_not_accepted"]);
    const run = guide.checks.run(OKTA_CHECKS);
    expect(guide.missing).toEqual([]);
    await run;
    expect(guide.missing).toEqual([]);
  });
});

describe("the summary of a run", () => {
  it("states that all checks answered only where none was skipped", async () => {
    const skipped = finishedView("c1", "acme", (view) => {
      if (view.report) view.report.rows = view.report.rows.map((one) => (one.check === "zones" ? row("zones", "skipped", { skipped: "profile" }) : one));
    });
    for (const [view, summary] of [[finishedView("c1", "acme"), /^All checks done: \d+ passed\.$/], [skipped, /^\d+ passed, 1 skipped\.$/]] as const) {
      const { app } = await opened({ views: [view] });
      render(CheckRun, { checks: new Checks(app, "c1"), ids: OKTA_CHECKS, onlink: () => undefined });
      expect(screen.getByRole("status").textContent).toMatch(summary);
      cleanup();
    }
  });
});
