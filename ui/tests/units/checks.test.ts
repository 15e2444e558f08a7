import { describe, expect, it } from "vitest";

import { finishedView, keepSecret, problem, report, row, rowsAfterFailure, viewAtStep } from "../../src/host/fake/connection_views";
import { FakeApp, type Scenario } from "../../src/host/fake/fake_app";
import type { CheckRow } from "../../src/host/model";
import { App } from "../../src/state/app.svelte";
import { blockingCheck } from "../../src/state/check_dependencies";
import { Checks } from "../../src/state/checks.svelte";
import { listNames } from "../../src/state/connection_list";
import { Guide } from "../../src/state/guide.svelte";
import { OKTA_CHECKS } from "../../src/state/steps";

const pasted = (rows: CheckRow[]) =>
  viewAtStep("paste_token", (view) => {
    keepSecret(view, "okta_token");
    view.report = report(rows, [], false);
  });

async function opened(play: Scenario): Promise<{ app: App; guide: Guide }> {
  new FakeApp(play);
  const app = new App();
  await app.start();
  const view = app.views[0];
  if (!view) throw new Error("the scenario has no connection");
  return { app, guide: new Guide(app, view.connection.id, view) };
}

describe("the result of the checks", () => {
  it("counts every outcome and lists what needs attention, failed checks first", async () => {
    const view = pasted([
      row("clock", "attention", { code: "clock_off" }),
      row("users", "failed", { code: "users_refused" }),
      row("roles", "unknown", { code: "roles_not_told" }),
      row("tls", "skipped", { skipped: "practice" }),
    ]);
    const { app } = await opened({ views: [view] });
    const checks = new Checks(app, "c1");
    expect(checks.count(OKTA_CHECKS)).toEqual({ all: 13, answered: 13, passed: 9, attention: 1, failed: 1, unknown: 1, skipped: 1 });
    expect(checks.needingAttention(OKTA_CHECKS).map((one) => one.check)).toEqual(["users", "clock", "roles"]);
  });

  it("does not show a check as waiting that no run will ask", async () => {
    const { app } = await opened({ views: [viewAtStep("paste_token", (view) => keepSecret(view, "okta_token"))] });
    expect(new Checks(app, "c1").stage("token")).toBe("never");
  });
});

describe("the check that blocks another", () => {
  const of = (rows: CheckRow[]) => (check: CheckRow["check"]) => rows.find((one) => one.check === check) ?? null;

  it("is found through checks that were skipped too", () => {
    const rows = rowsAfterFailure("token", "token_refused");
    expect(blockingCheck("zones", of(rows))).toBe("token");
    expect(blockingCheck("rate_limit", of(rows))).toBe("token");
    expect(blockingCheck("capabilities", of(rows))).toBe("token");
  });

  it("follows the app's dependencies: the certificate check does not depend on the domain check", () => {
    expect(blockingCheck("tls", of(rowsAfterFailure("domain", "timed_out")))).toBeNull();
    expect(blockingCheck("arrival", of(rowsAfterFailure("domain", "timed_out")))).toBe("domain");
  });

  it("is the proxy while it waits for a decision, and never an informational answer", () => {
    expect(blockingCheck("token", of([row("domain"), row("tls", "attention", { code: "tls_inspected" })]))).toBe("tls");
    expect(blockingCheck("token", of([row("domain"), row("tls")]))).toBeNull();
  });
});

describe("what a step reports as missing", () => {
  it("shows a refused token at its field, and removes the message with the next attempt", async () => {
    const { guide } = await opened({ views: [viewAtStep("paste_token")], refuse: { storeSecret: problem("token_is_id") } });
    await guide.storeSecret("okta_token", "00Tsomething", false);
    expect(guide.tokenProblem?.code).toBe("token_is_id");
    expect(guide.stepProblem).toBeNull();
    guide.dismiss();
    expect(guide.tokenProblem).toBeNull();
  });

  it("does not report the old answer about the token while the checks run again", async () => {
    const { guide } = await opened({ views: [pasted(rowsAfterFailure("token", "token_refused"))], report: report([], [], false) });
    await guide.next();
    expect(guide.missing.map((one) => one.what)).toEqual(["token_not_accepted"]);
    const run = guide.checks.run(OKTA_CHECKS);
    expect(guide.missing).toEqual([]);
    await run;
    expect(guide.missing).toEqual([]);
  });
});

describe("the names in the list", () => {
  it("number practice connections of one name and leave others unchanged", () => {
    const practice = ["c1", "c2"].map((id) => finishedView(id, "Practice", (view) => (view.practice = true)));
    expect([...listNames([...practice, finishedView("c3", "acme")]).values()]).toEqual(["Practice", "Practice 2", "acme"]);
  });
});
