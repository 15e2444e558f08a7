import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { problem } from "../../src/host/fake/connection_views";
import { FakeApp } from "../../src/host/fake/fake_app";
import { scenario } from "../../src/host/fake/scenarios";
import { t } from "../../src/messages";
import Window from "../../src/pages/Window.svelte";
import { soon, stubBrowser } from "./support";

// A busy machine renders late.
vi.setConfig({ testTimeout: 30_000 });

beforeAll(stubBrowser);
afterEach(cleanup);

const button = (name: string): HTMLButtonElement => screen.getByRole("button", { name });

/** Opens the relay of the scenario's connection. */
async function opened(name: Parameters<typeof scenario>[0], id = "c1"): Promise<FakeApp> {
  const fake = new FakeApp({ landing: { id, row: null }, ...scenario(name) });
  render(Window);
  await soon(() => screen.getByRole("tab", { name: t("ui.connection.tab.relay") }));
  await fireEvent.click(screen.getByRole("tab", { name: t("ui.connection.tab.relay") }));
  await soon(() => expect(screen.queryAllByRole("heading", { name: t("ui.relay.title") }).length).toBeGreaterThan(0));
  return fake;
}

describe("the relay", () => {
  it("cannot be switched on without an address and a token, and says so", async () => {
    await opened("relay_off");
    expect(button(t("ui.relay.switchOn")).disabled).toBe(true);
    screen.getByText(t("ui.relay.switchOnNeeds"));
    screen.getByText(t("ui.relay.tokenAfterUrl"));
  });

  it("takes the practice webhook and its token by one button, and keeps what else was chosen", async () => {
    await opened("relay_practice", "practice-1");
    const since = screen.getByLabelText<HTMLSelectElement>(t("ui.relay.since"));
    await fireEvent.change(since, { target: { value: "7" } });
    await fireEvent.click(button(t("ui.relay.practiceUse")));
    await soon(() => screen.getByText(t("ui.relay.tokenStored")));
    expect(screen.getByLabelText<HTMLInputElement>(t("ui.relay.url")).value).toBe("http://127.0.0.1:40321/events");
    expect(since.value).toBe("7");
    expect(button(t("ui.relay.switchOn")).disabled).toBe(false);
    expect(screen.queryByRole("button", { name: t("ui.relay.practiceUse") })).toBeNull();
  });

  it("offers no practice webhook to a real connection", async () => {
    await opened("relay_off");
    expect(screen.queryByRole("button", { name: t("ui.relay.practiceUse") })).toBeNull();
  });

  it("saves the address, and keeps what was typed when it is refused", async () => {
    const fake = await opened("relay_off");
    const field = screen.getByLabelText<HTMLInputElement>(t("ui.relay.url"));
    await fireEvent.input(field, { target: { value: "not an address" } });
    await fireEvent.click(button(t("ui.relay.save")));
    await soon(() => expect(fake.calls).toContain("configureRelay"));
    await soon(() => screen.getByText(t("code.radiant_address_invalid.title")));
    expect(field.value).toBe("not an address");
    await fireEvent.input(field, { target: { value: "https://api.app.radiantsecurity.ai/events" } });
    await fireEvent.click(button(t("ui.relay.save")));
    await soon(() => screen.getByText(t("ui.saved")));
    screen.getByLabelText(t("ui.relay.tokenLabel"));
  });

  it("is switched on only after the answer that nobody else reads the organization", async () => {
    const fake = await opened("relay_ready");
    await fireEvent.click(button(t("ui.relay.switchOn")));
    const confirm = (): HTMLButtonElement => {
      const found = screen.getAllByRole<HTMLButtonElement>("button", { name: t("ui.relay.switchOn") }).at(-1);
      if (!found) throw new Error("the dialog has no button");
      return found;
    };
    expect(confirm().disabled).toBe(true);
    for (const answer of ["yes", "unsure"] as const) {
      await fireEvent.click(screen.getByLabelText(t(`ui.relay.ask.${answer}`)));
      expect(confirm().disabled).toBe(true);
    }
    await fireEvent.click(screen.getByLabelText(t("ui.relay.ask.no")));
    await fireEvent.click(confirm());
    await soon(() => screen.getByText(t("ui.relay.phase.starting")));
    expect(fake.calls.filter((name) => ["configureRelay", "startRelay"].includes(name))).toEqual(["configureRelay", "startRelay"]);
  });

  it("is paused and resumed, and asks before it is switched off", async () => {
    const fake = await opened("relay_on");
    await fireEvent.click(button(t("ui.relay.pause")));
    await soon(() => screen.getByText(t("ui.relay.phase.paused")));
    await fireEvent.click(button(t("ui.relay.resume")));
    await soon(() => screen.getByText(t("ui.relay.phase.catching_up")));
    await fireEvent.click(button(t("ui.relay.switchOff")));
    expect(fake.calls).not.toContain("stopRelay");
    await fireEvent.click(screen.getAllByRole("button", { name: t("ui.relay.switchOff") }).at(-1) as HTMLElement);
    await soon(() => button(t("ui.relay.switchOn")));
  });

  it("shows each problem, the events that were set aside, and sends them again", async () => {
    const fake = await opened("relay_held");
    screen.getByText(t("code.relay_held.title", { status: "401" }));
    await fireEvent.click(button(t("ui.relay.dead.show")));
    await soon(() => screen.getByText(t("ui.relay.dead.reason.not_json")));
    const uuid = "5f3c9a10-1c7e-11f1-9d3a-0242ac120002";
    await fireEvent.click(button(t("ui.relay.dead.textOne", { uuid })));
    await soon(() => screen.getByText(/user\.session\.start/));
    await fireEvent.click(button(t("ui.relay.dead.requeueOne", { uuid })));
    await soon(() => expect(screen.queryByText(uuid)).toBeNull());
    await fireEvent.click(button(t("ui.relay.dead.requeueAll")));
    await soon(() => screen.getByText(t("ui.relay.dead.none")));
    expect(fake.calls.filter((name) => name === "requeueUndeliverableEvents")).toHaveLength(2);
  });

  it("finds its test event, and says where it is not found or not accepted", async () => {
    const fake = await opened("relay_on");
    await fireEvent.click(button(t("ui.relay.test.send")));
    await soon(() => screen.getByText(new RegExp(t("ui.relay.test.accepted", { status: 202 }).replace(/[()]/g, "."))));
    await fireEvent.click(button(t("ui.relay.test.find")));
    await soon(() => screen.getByText(t("ui.relay.test.found")));
    fake.refuse.sendTestEvent = problem("relay_held", { args: { status: "401" } });
    await fireEvent.click(button(t("ui.relay.test.send")));
    await soon(() => screen.getByText(t("code.relay_held.title", { status: "401" })));
  });

  it("is not offered where the organization's policy forbids it", async () => {
    await opened("relay_forbidden");
    await soon(() => screen.getByText(t("ui.relay.forbidden")));
    expect(screen.queryByRole("button", { name: t("ui.relay.switchOn") })).toBeNull();
  });
});
