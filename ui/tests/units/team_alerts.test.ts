import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { scenario } from "../../src/host/fake/scenarios";
import TeamAlertsSection from "../../src/pages/settings/TeamAlertsSection.svelte";
import { opened, soon, stubBrowser } from "./support";

afterEach(cleanup);
beforeAll(stubBrowser);

const button = (name: string): HTMLElement => screen.getByRole("button", { name });
const group = (name: string): HTMLElement => screen.getByRole("region", { name });

describe("team alerts", () => {
  it("are turned on after an address was stored, of which only the host is shown", async () => {
    const { fake } = await opened(scenario("monitoring_healthy"));
    render(TeamAlertsSection);
    await soon(() => group("Slack-compatible webhook"));
    expect(screen.queryByLabelText("Send alerts")).toBeNull();
    const field = within(group("Slack-compatible webhook")).getByLabelText<HTMLInputElement>("Address of the webhook");
    expect(field.type).toBe("password");
    await fireEvent.input(field, { target: { value: "https://hooks.slack.com/services/T/B/canary" } });
    await fireEvent.submit(field);
    expect(field.value).toBe("");
    await soon(() => screen.getByText("hooks.slack.com"));
    expect(document.body.innerHTML).not.toContain("canary");
    await fireEvent.click(screen.getByLabelText("Send alerts"));
    await soon(() => expect(screen.getByLabelText<HTMLInputElement>("Send alerts").checked).toBe(true));
    expect(fake.calls.filter((name) => /alert/i.test(name))).toEqual(["alerts", "storeAlertSecret", "changeAlerts"]);
  });

  it("show why an address is refused, and keep nothing of it", async () => {
    await opened(scenario("monitoring_healthy"));
    render(TeamAlertsSection);
    await soon(() => group("Webhook with JSON"));
    const field = within(group("Webhook with JSON")).getByLabelText<HTMLInputElement>("Address of the webhook");
    await fireEvent.input(field, { target: { value: "http://events.example.com/canary" } });
    await fireEvent.submit(field);
    await soon(() => screen.getByText("This is not an https address."));
    expect([field.value, document.body.innerHTML.includes("canary")]).toEqual(["", false]);
  });

  it("show the result of a test beside its channel", async () => {
    await opened({ ...scenario("alerts"), alertTest: { result: "refused", status: 403 } });
    render(TeamAlertsSection);
    await soon(() => group("Slack-compatible webhook"));
    const slack = within(group("Slack-compatible webhook"));
    await fireEvent.click(slack.getByRole("button", { name: "Send test alert" }));
    await slack.findByText("hooks.slack.com refused the alert (status 403).");
    expect(within(group("Webhook with JSON")).queryByText(/refused/)).toBeNull();
  });

  it("show a failure until a test succeeds", async () => {
    await opened({ ...scenario("alerts_failing"), alertTest: { result: "accepted", status: 200 } });
    render(TeamAlertsSection);
    await soon(() => group("Slack-compatible webhook"));
    const slack = within(group("Slack-compatible webhook"));
    slack.getByText("hooks.slack.com refused the alert (status 404).");
    await fireEvent.click(slack.getByRole("button", { name: "Send test alert" }));
    await slack.findByText("The receiver accepted the test alert (status 200).");
    await soon(() => expect(slack.queryByText(/status 404/)).toBeNull());
    screen.getByText("events.example.com did not answer.");
  });

  it("are deleted after a confirmation", async () => {
    const { fake } = await opened(scenario("alerts"));
    render(TeamAlertsSection);
    await soon(() => group("Slack-compatible webhook"));
    await fireEvent.click(within(group("Slack-compatible webhook")).getByRole("button", { name: "Delete address" }));
    expect(fake.calls).not.toContain("forgetAlertChannel");
    await fireEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Delete address" }));
    await soon(() => within(group("Slack-compatible webhook")).getByLabelText("Address of the webhook"));
  });

  it("cannot be turned on where the policy forbids them, nor name anybody where it forbids names", async () => {
    await opened(scenario("alerts_forbidden"));
    render(TeamAlertsSection);
    await soon(() => screen.getByText("Your organization's policy does not allow team alerts."));
    expect([screen.getByLabelText<HTMLInputElement>("Send alerts").disabled, (button("Send test alert") as HTMLButtonElement).disabled]).toEqual([true, true]);
    cleanup();
    await opened(scenario("alerts_policy"));
    render(TeamAlertsSection);
    await soon(() => screen.getByLabelText("Include names"));
    const names = screen.getByLabelText<HTMLInputElement>("Include names");
    expect([names.disabled, names.checked, screen.getByLabelText<HTMLInputElement>("Send alerts").disabled]).toEqual([true, false, false]);
  });

  it("that cannot be read can be read again", async () => {
    const { fake } = await opened(scenario("alerts_unread"));
    render(TeamAlertsSection);
    await soon(() => button("Try again"));
    delete fake.refuse.alerts;
    await fireEvent.click(button("Try again"));
    await soon(() => group("Slack-compatible webhook"));
  });
});
