import { describe, expect, it } from "vitest";

import { viewAtStep, finishedView, rowsAfterFailure, keepSecret, report, row } from "../../src/host/fake/connection_views";
import { isInspectionOpen, missingIn, markOf, neighbor, ownerQuestion, isReachable, STEPS } from "../../src/state/steps";

const pasted = (rows: Parameters<typeof report>[0]) =>
  viewAtStep("paste_token", (view) => {
    keepSecret(view, "okta_token");
    view.report = report(rows, [], false);
  });
const person = row("owner", "attention", { code: "owner_is_person" });

describe("what a step missingIn", () => {
  it("names each missing confirmation with its field", () => {
    expect(missingIn(viewAtStep("before"), "before").map((one) => one.field)).toEqual(["has-service-account", "has-radiant-admin"]);
  });

  it("asks for the token, then for the checks, then for Okta's yes", () => {
    const bare = viewAtStep("paste_token");
    expect(missingIn(bare, "paste_token")[0]?.what).toBe("token");
    keepSecret(bare, "okta_token");
    expect(missingIn(bare, "paste_token")[0]?.what).toBe("checks");
    expect(missingIn(pasted(rowsAfterFailure("token", "token_refused")), "paste_token")[0]?.what).toBe("token_not_accepted");
    expect(missingIn(pasted([]), "paste_token")).toEqual([]);
  });

  it("waits for the decision about a proxy before anything else", () => {
    const view = pasted([row("tls", "attention", { code: "tls_inspected" })]);
    expect(isInspectionOpen(view)).toBe(true);
    expect(missingIn(view, "paste_token")[0]?.what).toBe("tls");
  });

  it("waits for the decision about a person's token until it is given", () => {
    const view = pasted([person]);
    expect(missingIn(view, "paste_token")[0]?.what).toBe("owner");
    view.setup.confirmed = [...view.setup.confirmed, { what: "owner_is_person", at: "2026-03-10T10:15:00Z", by: "jo" }];
    expect(ownerQuestion(view)).toBe("decided");
    expect(missingIn(view, "paste_token")).toEqual([]);
  });

  it("leaves the action connector out for ingestion only", () => {
    const view = viewAtStep("action_connector", (made) => (made.connection.profile = "ingestion"));
    expect(missingIn(view, "action_connector")).toEqual([]);
  });

  it("never blocks on an arrival that was not verified", () => {
    expect(missingIn(viewAtStep("arrival"), "arrival")).toEqual([]);
  });
});

describe("the mark of a step", () => {
  it("calls a ticked box confirmed and Okta's own answer verified", () => {
    const view = viewAtStep("credential");
    expect(markOf(view, "before")).toBe("confirmed");
    expect(markOf(view, "domain")).toBe("verified");
    expect(markOf(view, "create_token")).toBe("confirmed");
    expect(markOf(view, "paste_token")).toBe("verified");
  });

  it("does not call an address verified that nobody asked", () => {
    const view = viewAtStep("create_token", (made) => (made.connection.org_id = null));
    expect(markOf(view, "domain")).toBe("done");
  });

  it("shows a failed or undecided check as needing attention", () => {
    const failed = pasted([row("system_log", "failed", { code: "logs_refused" })]);
    expect(markOf(failed, "paste_token")).toBe("attention");
    expect(markOf(pasted([person]), "paste_token")).toBe("attention");
  });

  it("does not weigh roles that could not be read", () => {
    expect(markOf(pasted([row("roles", "unknown", { code: "roles_not_told" })]), "paste_token")).toBe("verified");
  });

  it("says not verified once the guide went past an arrival nobody saw", () => {
    expect(markOf(viewAtStep("arrival"), "arrival")).toBe("open");
    expect(markOf(viewAtStep("done"), "arrival")).toBe("unverified");
    expect(markOf(finishedView("c1", "acme"), "arrival")).toBe("verified");
  });

  it("says skipped for the action connector of ingestion only", () => {
    const view = viewAtStep("arrival", (made) => (made.connection.profile = "ingestion"));
    expect(markOf(view, "action_connector")).toBe("skipped");
  });
});

describe("the order of the steps", () => {
  it("lets one jump only where everything before is complete", () => {
    const view = viewAtStep("create_token");
    expect(STEPS.filter((step) => isReachable(view, step))).toEqual(["before", "domain", "create_token"]);
    expect(STEPS.every((step) => isReachable(finishedView("c1", "acme"), step))).toBe(true);
  });

  it("ends at both ends", () => {
    expect(neighbor("before", -1)).toBeUndefined();
    expect(neighbor("done", 1)).toBeUndefined();
    expect(neighbor("before", 1)).toBe("domain");
  });
});
