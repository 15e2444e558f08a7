import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { NOW } from "../../src/host/fake/connection_views";
import { scenario } from "../../src/host/fake/scenarios";
import { shownArgs } from "../../src/pages/actions/action_text";
import ResponseActionsTab from "../../src/pages/actions/ResponseActionsTab.svelte";
import { ResponseActions, typedTargets } from "../../src/state/response_actions.svelte";
import { opened, soon, stubBrowser } from "./support";

// The roles of many elements are computed, which takes long on a busy machine.
vi.setConfig({ testTimeout: 30_000 });
beforeAll(() => {
  stubBrowser();
  vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(NOW) });
});
afterAll(() => void vi.useRealTimers());
afterEach(cleanup);

/** Opens the actions of the only connection of a scenario. */
async function shown(name: string) {
  const { app, fake } = await opened(scenario(name));
  const [view] = app.views;
  if (!view) throw new Error("the scenario has no connection");
  render(ResponseActionsTab, { app, view, actions: new ResponseActions("c1") });
  await soon(() => expect(screen.queryByText("Reading which token is available…")).toBeNull());
  return { app, fake };
}

const button = (name: string | RegExp): HTMLElement => screen.getByRole("button", { name });
const fill = (name: RegExp | string, value: string): Promise<boolean> => fireEvent.input(screen.getByLabelText(name), { target: { value } });

async function preview(targets: string): Promise<void> {
  await soon(() => expect(screen.getByLabelText("Who?")).toBeTruthy());
  await fill("Who?", targets);
  await fireEvent.click(button("Preview"));
  await soon(() => expect(screen.getByRole("heading", { name: /^Preview:/ })).toBeTruthy());
}

describe("an action", () => {
  it("needs a preview and a reason, says its effect on the button, and shows the result with its event", async () => {
    const { fake } = await shown("actions_empty");
    await preview("jo.doe@example.com");
    const run = button("Lock down jo.doe@example.com");
    await fireEvent.click(run);
    expect(screen.getByText("Enter a reason.")).toBeTruthy();
    expect(fake.calls).not.toContain("runAction");
    await fill("Reason", "Phishing report");
    await fireEvent.click(run);
    await soon(() => expect(screen.getByRole("heading", { name: "Result: Lock down user" })).toBeTruthy());
    expect(button("Open in the System Log: user.lifecycle.suspend")).toBeTruthy();
    await fireEvent.click(button("Lift lockdown: jo.doe@example.com"));
    await soon(() => expect(button("Lift the lockdown of jo.doe@example.com")).toBeTruthy());
  });

  it("in practice names a user to try it on, and offers no page that practice does not have", async () => {
    const { app, fake } = await opened(scenario("actions_empty"));
    const [view] = app.views;
    if (!view) throw new Error("the scenario has no connection");
    view.practice = true;
    render(ResponseActionsTab, { app, view, actions: new ResponseActions("c1") });
    await preview("jo.doe@example.com");
    expect(screen.getByText("mira.holt@practice.example")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Open the user in Okta" })).toBeNull();
    expect(fake.calls).not.toContain("openLink");
  });

  it("on an administrator runs only after the login is typed", async () => {
    const { fake } = await shown("actions_empty");
    await preview("sam.lee@example.com");
    await fill("Reason", "Phishing report");
    const run = button("Lock down sam.lee@example.com");
    await fireEvent.click(run);
    expect(fake.calls).not.toContain("runAction");
    await fill("Type sam.lee@example.com", "sam.lee@example.com");
    await fireEvent.click(run);
    await soon(() => expect(fake.calls).toContain("runAction"));
  });

  it("is refused for the token's owner, with the reason and no button", async () => {
    await shown("actions_empty");
    await preview("svc-radiant@example.com");
    expect(screen.getByText(/The API token belongs to this account/)).toBeTruthy();
    expect(screen.queryByRole("button", { name: /^Lock down/ })).toBeNull();
    expect(screen.getByText("Nothing to run")).toBeTruthy();
  });

  it("lets a person choose among several matching users", async () => {
    await shown("actions_empty");
    await preview("jo");
    await fireEvent.click(button("Choose: jo.doe@example.com"));
    await soon(() => expect(button("Lock down jo.doe@example.com")).toBeTruthy());
  });

  it("reminds of its end only where a time was set, which an empty field does not pretend", async () => {
    const { fake } = await shown("actions_empty");
    const ends: (string | null)[] = [];
    const { runAction } = fake.handlers;
    fake.handlers.runAction = (id, approval, news) => {
      ends.push(approval.ends_at);
      return runAction(id, approval, news);
    };
    await preview("jo.doe@example.com");
    expect(screen.queryByLabelText("Remind me to undo at")).toBeNull();
    await fireEvent.click(button("Set a reminder"));
    const field = screen.getByLabelText<HTMLInputElement>("Remind me to undo at");
    expect(Date.parse(field.value)).toBe(Date.parse(NOW) + 3_600_000);
    await fill("Reason", "Phishing report");
    await fill("Remind me to undo at", "");
    await fireEvent.click(button("Lock down jo.doe@example.com"));
    expect(screen.getByText("Choose a time in the future.")).toBeTruthy();
    await fireEvent.click(button("No reminder"));
    await fireEvent.click(button("Lock down jo.doe@example.com"));
    await soon(() => expect(ends).toEqual([null]));
  });

  it("asks for a preview again when it has expired", async () => {
    await shown("actions_expired");
    await preview("jo.doe@example.com");
    expect(screen.queryByRole("button", { name: /^Lock down/ })).toBeNull();
    expect(button("Preview again")).toBeTruthy();
  });
});

describe("IPv6 addresses", () => {
  it("may be blocked after a person allowed it, which is offered beside the addresses to block", async () => {
    const { fake } = await shown("actions_empty");
    await soon(() => expect(screen.getByLabelText("Who?")).toBeTruthy());
    expect(screen.queryByLabelText("Allow blocking IPv6 addresses")).toBeNull();
    await fireEvent.click(screen.getByLabelText("Block address"));
    const allow = (): HTMLInputElement => screen.getByLabelText<HTMLInputElement>("Allow blocking IPv6 addresses");
    await soon(() => expect(allow().checked).toBe(false));
    await fireEvent.click(allow());
    await soon(() => expect(allow().checked).toBe(true));
    expect(fake.calls).toContain("setMayBlockIpv6");
  });
});

describe("the token for actions", () => {
  it("is asked for, leaves the field before it is sent, and can be forgotten", async () => {
    const { fake } = await shown("actions_token");
    await soon(() => expect(screen.getByLabelText("API token for response actions")).toBeTruthy());
    expect(screen.queryByLabelText("Who?")).toBeNull();
    const field = screen.getByLabelText<HTMLInputElement>("API token for response actions");
    field.value = `00${"a".repeat(40)}`;
    await fireEvent.click(button("Use this token"));
    expect(field.value).toBe("");
    await soon(() => expect(screen.getByText(/Acting with a pasted token of svc-radiant@example.com/)).toBeTruthy());
    await fireEvent.click(button("Forget now"));
    await soon(() => expect(screen.getByLabelText("API token for response actions")).toBeTruthy());
    expect(fake.calls).toContain("forgetActionToken");
  });
});

describe("the audit", () => {
  it("lists entries with their outcome, filters them, and undoes only what can be undone", async () => {
    await shown("actions");
    await fireEvent.click(button("Audit"));
    await soon(() => expect(screen.getAllByText(/^Lock down user:/)).toHaveLength(3));
    const undo = screen.getAllByRole("button", { name: /^Undo:/ }).map((one) => one.getAttribute("aria-label"));
    expect(undo).toEqual(["Undo: 198.51.100.7", "Undo: sam.lee@example.com"]);
    await fireEvent.change(screen.getByRole("combobox"), { target: { value: "reset_factors" } });
    await soon(() => expect(screen.getByText("1 entry")).toBeTruthy());
  });

  it("says what is wrong with a changed chain", async () => {
    await shown("actions_changed");
    await fireEvent.click(button("Audit"));
    await fireEvent.click(button("Verify"));
    await soon(() => expect(screen.getByText("Changed: rows are missing or were altered")).toBeTruthy());
    expect(screen.getByText("The first row that does not fit is row 12.")).toBeTruthy();
  });

  it("takes an acknowledgement with a reason and names the change from then on", async () => {
    const { fake } = await shown("actions_changed");
    await fireEvent.click(button("Audit"));
    await fireEvent.click(button("Verify"));
    await soon(() => expect(button("Acknowledge the change")).toBeTruthy());
    await fireEvent.click(button("Acknowledge the change"));
    expect(fake.calls).not.toContain("acknowledgeAudit");
    await fireEvent.input(screen.getByLabelText("Why is the change known?"), { target: { value: "Restored from a backup" } });
    await fireEvent.click(button("Acknowledge the change"));
    await soon(() => expect(screen.getByText(/row 12 is the first that does not fit\. Acknowledged by jo: Restored from a backup/)).toBeTruthy());
    expect(screen.getByText("Changed before, and acknowledged; unchanged and sealed since")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Acknowledge the change" })).toBeNull();
  });
});

describe("a rehearsal", () => {
  it("does not begin before the login is typed again", async () => {
    const { fake } = await shown("actions_empty");
    await soon(() => expect(button("Rehearsal")).toBeTruthy());
    await fireEvent.click(button("Rehearsal"));
    await fill("Test user", "jo.doe@example.com");
    await fireEvent.click(button("Rehearse"));
    expect(fake.calls).not.toContain("rehearseActions");
    await fill("Type the login again", "jo.doe@example.com");
    await fireEvent.click(button("Rehearse"));
    await soon(() => expect(screen.getByText("Not every action succeeded")).toBeTruthy());
    expect(screen.getAllByText("not run")).toHaveLength(2);
  });
});

describe("the texts of actions", () => {
  it("split the targets as typed, and show statuses and times of reasons for people", () => {
    expect(typedTargets(" jo@example.com\n\n10.0.0.1, b ; c ")).toEqual(["jo@example.com", "10.0.0.1", "b", "c"]);
    expect(shownArgs({ status: "locked_out", login: "active" })).toEqual({ status: "Locked out", login: "active" });
    expect(String(shownArgs({ at: "2026-03-10T10:00:00Z" })["at"])).toMatch(/Mar 10, 2026/);
  });

  it("ask for the reason of each action, and keep the ticket", async () => {
    const { app } = await opened(scenario("actions"));
    const actions = app.responses("c1");
    actions.typed = "jo.doe@example.com";
    await actions.loadToken();
    expect(await actions.previewTyped()).toBe(true);
    [actions.reason, actions.ticket] = ["Phishing report", "SOC-7"];
    await actions.act();
    expect([actions.stage, actions.reason, actions.ticket]).toEqual(["result", "", "SOC-7"]);
  });

  it("outlive the page: a run under way is shown again, and what was only typed is not", async () => {
    const { app } = await opened(scenario("actions_asking"));
    const first = app.responses("c1");
    first.typed = "jo.doe@example.com";
    expect(app.responses("c1")).not.toBe(first);
    const running = app.responses("c1");
    running.typed = "jo.doe@example.com";
    await running.loadToken();
    expect(await running.previewTyped()).toBe(true);
    running.reason = "Phishing report";
    void running.act();
    await running.loadAudit();
    expect([app.responses("c1") === running, running.stage, running.audit]).toEqual([true, "running", null]);
    expect(app.responses("c2")).not.toBe(running);
  });
});
