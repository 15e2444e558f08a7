import { describe, expect, it } from "vitest";

import { finishedView, keepSecret, report, row, rowsAfterFailure, viewAtStep } from "../../src/host/fake/connection_views";
import { isInspectionOpen, isReachable, markOf, missingIn, neighbor, ownerQuestion, STEPS } from "../../src/state/steps";

const pasted = (rows: Parameters<typeof report>[0]) =>
  viewAtStep("paste_token", (view) => {
    keepSecret(view, "okta_token");
    view.report = report(rows, [], false);
  });
const person = row("owner", "attention", { code: "owner_is_person" });

describe("what a step lacks", () => {
  it("is each missing confirmation, with its field", () => {
    expect(missingIn(viewAtStep("before"), "before").map((one) => one.field)).toEqual(["has-service-account", "has-radiant-admin"]);
  });

  it("is first the token, then the checks, then Okta's acceptance", () => {
    const bare = viewAtStep("paste_token");
    expect(missingIn(bare, "paste_token")[0]?.what).toBe("token");
    keepSecret(bare, "okta_token");
    expect(missingIn(bare, "paste_token")[0]?.what).toBe("checks");
    expect(missingIn(pasted(rowsAfterFailure("token", "token_refused")), "paste_token")[0]?.what).toBe("token_not_accepted");
    expect(missingIn(pasted([]), "paste_token")).toEqual([]);
  });

  it("is the decision about a proxy before anything else", () => {
    const view = pasted([row("tls", "attention", { code: "tls_inspected" })]);
    expect(isInspectionOpen(view)).toBe(true);
    expect(missingIn(view, "paste_token")[0]?.what).toBe("tls");
  });

  it("is the decision about a person's token until it is made", () => {
    const view = pasted([person]);
    expect(missingIn(view, "paste_token")[0]?.what).toBe("owner");
    view.setup.confirmed = [...view.setup.confirmed, { what: "owner_is_person", at: "2026-03-10T10:15:00Z", by: "jo" }];
    expect(ownerQuestion(view)).toBe("decided");
    expect(missingIn(view, "paste_token")).toEqual([]);
  });

  it("is no action connector for ingestion only", () => {
    const view = viewAtStep("action_connector", (made) => (made.connection.profile = "ingestion"));
    expect(missingIn(view, "action_connector")).toEqual([]);
  });

  it("is never an unverified arrival", () => {
    expect(missingIn(viewAtStep("arrival"), "arrival")).toEqual([]);
  });
});

describe("the mark of a step", () => {
  it("is confirmed for a checked box and verified for Okta's own answer", () => {
    const view = viewAtStep("credential");
    expect(markOf(view, "before")).toBe("confirmed");
    expect(markOf(view, "domain")).toBe("verified");
    expect(markOf(view, "create_token")).toBe("confirmed");
    expect(markOf(view, "paste_token")).toBe("verified");
  });

  it("is not verified for an address that was not looked up", () => {
    const view = viewAtStep("create_token", (made) => (made.connection.org_id = null));
    expect(markOf(view, "domain")).toBe("done");
  });

  it("is attention for a failed or undecided check", () => {
    const failed = pasted([row("system_log", "failed", { code: "logs_refused" })]);
    expect(markOf(failed, "paste_token")).toBe("attention");
    expect(markOf(pasted([person]), "paste_token")).toBe("attention");
  });

  it("ignores roles that could not be read", () => {
    expect(markOf(pasted([row("roles", "unknown", { code: "roles_not_told" })]), "paste_token")).toBe("verified");
  });

  it("is unverified once the guide went past an unverified arrival", () => {
    expect(markOf(viewAtStep("arrival"), "arrival")).toBe("open");
    expect(markOf(viewAtStep("done"), "arrival")).toBe("unverified");
    expect(markOf(finishedView("c1", "acme"), "arrival")).toBe("verified");
  });

  it("is skipped for the action connector of ingestion only", () => {
    const view = viewAtStep("arrival", (made) => (made.connection.profile = "ingestion"));
    expect(markOf(view, "action_connector")).toBe("skipped");
  });
});

describe("the order of the steps", () => {
  it("allows a jump only where everything before is complete", () => {
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
