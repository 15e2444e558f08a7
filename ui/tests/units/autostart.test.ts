import { cleanup, configure, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, describe, expect, it } from "vitest";

import { problem } from "../../src/host/fake/connection_views";
import { FakeApp, type Scenario } from "../../src/host/fake/fake_app";
import { policyFixing } from "../../src/host/fake/policy_views";
import AutostartSetting from "../../src/pages/settings/AutostartSetting.svelte";
import { opened, soon } from "./support";

// A busy machine may render late.
configure({ asyncUtilTimeout: 10_000 });
afterEach(cleanup);

async function shown(script: Scenario): Promise<{ fake: FakeApp; box: HTMLInputElement }> {
  const { app, fake } = await opened(script);
  await app.policy.load();
  render(AutostartSetting, { app });
  return { fake, box: await screen.findByRole<HTMLInputElement>("switch") };
}

describe("starting at sign-in", () => {
  it("shows the current setting and is changed by one press", async () => {
    const { fake, box } = await shown({ autostart: { on: true, changes: true, dead_command: null } });
    expect([box.checked, box.disabled]).toEqual([true, false]);
    await fireEvent.click(box);
    await soon(() => expect(box.checked).toBe(false));
    expect(fake.calls).toContain("setLaunchAtLogin");
  });

  it("stays unchanged when the system refuses, and shows the reason", async () => {
    const { box } = await shown({ autostart: { on: false, changes: true, dead_command: null }, refuse: { setLaunchAtLogin: problem("file_not_written") } });
    await fireEvent.click(box);
    expect(await screen.findByText("The file could not be written.")).toBeTruthy();
    expect(box.checked).toBe(false);
  });

  it("is locked where the policy fixes it or it cannot be changed, with the reason", async () => {
    const fixed = await shown({ autostart: { on: true, changes: true, dead_command: null }, policy: policyFixing({ launch_at_login: true }) });
    expect(fixed.box.disabled).toBe(true);
    expect(screen.getByText(/Set by your organization/)).toBeTruthy();
    cleanup();
    const unknown = await shown({ autostart: { on: null, changes: false, dead_command: null } });
    expect([unknown.box.checked, unknown.box.disabled]).toEqual([false, true]);
    expect(screen.getByText(/does not report this setting/)).toBeTruthy();
  });

  it("says when the entry starts nothing, and renews it", async () => {
    const { fake } = await shown({ autostart: { on: true, changes: true, dead_command: "/opt/My Apps/app --hidden" } });
    expect(await screen.findByText(/\/opt\/My Apps\/app --hidden/)).toBeTruthy();
    await fireEvent.click(screen.getByRole("button", { name: "Renew the entry" }));
    await soon(() => expect(screen.queryByText(/My Apps/)).toBeNull());
    expect(fake.calls).toContain("setLaunchAtLogin");
  });
});
