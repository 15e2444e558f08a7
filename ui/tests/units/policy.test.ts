import { cleanup, render, screen } from "@testing-library/svelte";
import { afterEach, describe, expect, it } from "vitest";

import { problem } from "../../src/host/fake/connection_views";
import { FakeApp, type Scenario } from "../../src/host/fake/fake_app";
import { policyFixing, unparsablePolicy, untrustedPolicy } from "../../src/host/fake/policy_views";
import { scenario } from "../../src/host/fake/scenarios";
import { setLanguage } from "../../src/messages";
import Settings from "../../src/pages/settings/Settings.svelte";
import { App } from "../../src/state/app.svelte";
import { opened, soon } from "./support";

afterEach(async () => {
  cleanup();
  await setLanguage("en");
});

async function settings(script: Scenario): Promise<{ app: App; fake: FakeApp }> {
  const { app, fake } = await opened(script);
  render(Settings, { app });
  await soon(() => screen.getByLabelText("Heartbeat"));
  return { app, fake };
}

/** Returns the description of a field, in the order in which it is read out. */
function described(field: HTMLElement): string {
  const ids = (field.getAttribute("aria-describedby") ?? "").split(" ");
  return ids.map((id) => document.getElementById(id)?.textContent.trim() ?? "").join(" ");
}

describe("the organization's policy in the settings", () => {
  it("locks what it fixes, shows who set it, and leaves the rest", async () => {
    await settings({ policy: policyFixing({ heartbeat_s: 300, rate_share: 5, notices: true, ask_before_copying: true }) });
    const heartbeat = screen.getByLabelText<HTMLSelectElement>("Heartbeat");
    expect([heartbeat.disabled, heartbeat.value]).toEqual([true, "300"]);
    for (const name of ["Heartbeat", "Share of Okta's rate limits", "Show notifications", "Ask before an API token is copied"]) {
      const field = screen.getByLabelText<HTMLInputElement>(name);
      expect(field.disabled, name).toBe(true);
      expect(described(field), name).toContain("Set by your organization");
    }
    const full = screen.getByLabelText<HTMLSelectElement>("All checks");
    expect(full.disabled).toBe(false);
    expect(described(full)).not.toContain("organization");
  });

  it("shows whom to ask, where the file is and what in it is not valid", async () => {
    await settings(scenario("policy"));
    expect(screen.getByText("Your organization's policy applies on this computer")).toBeTruthy();
    expect(screen.getByText(/IT Security, extension 4711/)).toBeTruthy();
    expect(screen.getByText("/etc/okta-connector-for-radiant/policy.json")).toBeTruthy();
    expect(screen.getByText("line 4: full_s: 43200000 is out of range; 43200 is used instead.")).toBeTruthy();
    expect(screen.getByText(/^line 9: colour: .* no effect/)).toBeTruthy();
    expect(screen.getByText(/Response actions and .* relay are turned off/)).toBeTruthy();
  });

  it("shows the contact as plain text, whatever it contains", async () => {
    await settings({ policy: policyFixing({ contact: "<b>IT</b> **bold**" }) });
    expect(screen.getByText("<b>IT</b> **bold**")).toBeTruthy();
  });

  it("shows why a file is not trusted and locks nothing then", async () => {
    await settings({ policy: untrustedPolicy });
    expect(screen.getByText("The policy file of your organization is not trusted.")).toBeTruthy();
    expect(screen.getByLabelText<HTMLSelectElement>("Heartbeat").disabled).toBe(false);
    expect(screen.queryByText("Set by your organization")).toBeNull();
  });

  it("lists every fault of an invalid file, with its line", async () => {
    await settings({ policy: unparsablePolicy });
    for (const [line, key] of [[3, "heartbeat_s"], [5, "colour"], [7, "notices"]]) {
      expect(screen.getByText(new RegExp(`^line ${line}: ${key}: `))).toBeTruthy();
    }
    expect(screen.queryByText("Set by your organization")).toBeNull();
  });

  it("shows nothing where there is none, or where it could not be loaded", async () => {
    await settings({});
    expect(screen.queryByText(/policy/i)).toBeNull();
    cleanup();
    const { app } = await settings({ refuse: { policy: problem("store_busy") } });
    expect(app.policy.view).toBeNull();
    expect(screen.getByLabelText<HTMLSelectElement>("Heartbeat").disabled).toBe(false);
  });

  it("is loaded each time the settings are opened", async () => {
    const { fake } = await settings({});
    const before = fake.calls.filter((name) => name === "policy").length;
    cleanup();
    render(Settings, { app: new App() });
    await soon(() => expect(fake.calls.filter((name) => name === "policy").length).toBeGreaterThan(before));
  });
});
