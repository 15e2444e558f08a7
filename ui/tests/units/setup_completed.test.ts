import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { finishedView, keepArrival, keepSecret, NOW, practiceView, problem, report, viewAtStep } from "../../src/host/fake/connection_views";
import { FakeApp, type Scenario } from "../../src/host/fake/fake_app";
import type { ConnectionView } from "../../src/host/model";
import { dateOnly, t } from "../../src/messages";
import SetupCompleted from "../../src/pages/SetupCompleted.svelte";
import Window from "../../src/pages/Window.svelte";
import { nextRotation } from "../../src/state/connection_times";
import { opened, soon, stubBrowser } from "./support";

// A busy machine renders late.
vi.setConfig({ testTimeout: 30_000 });

beforeAll(stubBrowser);
afterEach(cleanup);

const text = (): string => document.body.textContent.replace(/\s+/g, " ");
const REMINDERS = { on: true, token_age_days: 180, owner_days: 90 };

async function page(view: ConnectionView, more: Scenario = {}): Promise<void> {
  const { app } = await opened({ views: [view], ...more });
  render(SetupCompleted, { app, view });
  await soon(() => expect(text()).toMatch(/every|Not monitored|Try again/));
}

describe("the next rotation", () => {
  it("counts from the token's creation, as the reminder does", () => {
    const view = finishedView("c1", "acme");
    expect(nextRotation(view, { reminders: REMINDERS })).toBe("2026-08-17T09:02:00.000Z");
    const uncreated = finishedView("c1", "acme", (one) => (one.report = null));
    expect(nextRotation(uncreated, { reminders: REMINDERS })).toBe(new Date(Date.parse(NOW) + 180 * 86_400_000).toISOString());
  });

  it("is not promised where no reminder will come", () => {
    const view = finishedView("c1", "acme");
    const nothing = finishedView("c1", "acme", (one) => ((one.connection.keep = "nothing"), (one.secrets = [])));
    expect([nextRotation(view, { reminders: { ...REMINDERS, on: false } }), nextRotation(view, { reminders: { ...REMINDERS, token_age_days: 0 } }), nextRotation(nothing, { reminders: REMINDERS })]).toEqual([null, null, null]);
  });
});

describe("the page after Finish", () => {
  it("follows Finish, and leads to the connection", async () => {
    new FakeApp({ views: [viewAtStep("done", (view) => (keepArrival(view), (view.report = report())))] });
    render(Window);
    await fireEvent.click(await screen.findByRole("button", { name: t("ui.guide.finish") }));
    await screen.findByRole("heading", { level: 1, name: t("ui.finished.connected") });
    await fireEvent.click(screen.getByRole("button", { name: t("ui.finished.open") }));
    await screen.findByRole("tablist");
  });

  it("says what is checked, how often, what is notified, and the next rotation", async () => {
    await page(finishedView("c1", "acme"));
    expect(text()).toContain("every 10 minutes");
    expect(text()).toContain("every 30 minutes");
    expect(text()).toContain("longer than 15 minutes");
    expect(text()).toContain(dateOnly("2026-08-17T09:02:00Z"));
  });

  it("claims neither arrival nor delivery checks that there are not", async () => {
    await page(viewAtStep("done", (view) => keepSecret(view, "okta_token")));
    expect(screen.getByRole("heading", { level: 1 }).textContent).toBe(t("ui.finished.ready"));
    expect(text()).toContain(t("ui.finished.noSearchToken"));
    expect(text()).not.toContain("longer than");
    expect(screen.getByRole("button", { name: t("ui.finished.verify") })).toBeTruthy();
  });

  it("says plainly where nothing is watched, and where notifications are off or paused", async () => {
    await page(finishedView("c1", "acme", (view) => ((view.connection.keep = "nothing"), (view.secrets = []))));
    expect(text()).toContain(t("ui.finished.notWatched"));
    cleanup();
    await page(finishedView("c1", "acme"), { monitor: { notices: false } });
    expect(text()).toContain(t("ui.finished.notificationsOff"));
  });

  it("shows why the settings could not be read, and says that practice ends", async () => {
    await page(practiceView(finishedView("p", "Practice")), { refuse: { monitorSettings: problem("store_busy") } });
    expect(text()).toContain(t("code.store_busy.title"));
    expect(text()).toContain(t("ui.done.practice"));
    expect(text()).not.toContain("every");
  });
});

describe("the choice of what the app stores", () => {
  const lastStep = async (change: (view: ConnectionView) => void): Promise<FakeApp> => {
    const fake = new FakeApp({ views: [viewAtStep("done", (view) => (keepArrival(view), (view.report = report()), change(view)))] });
    render(Window);
    await screen.findByRole("radio", { name: t("keep.monitoring_token") });
    return fake;
  };

  it("recommends the monitoring token only where Radiant's token can change Okta", async () => {
    await lastStep((view) => (view.connection.profile = "response"));
    screen.getByText(t("ui.keep.recommended"));
    cleanup();
    await lastStep((view) => (view.connection.profile = "ingestion"));
    expect(screen.queryByText(t("ui.keep.recommended"))).toBeNull();
  });

  it("offers a read-only token to copy in practice", async () => {
    const fake = await lastStep((view) => (view.practice = true));
    await fireEvent.click(screen.getByRole("radio", { name: t("keep.monitoring_token") }));
    await fireEvent.click(await screen.findByRole("button", { name: t("ui.done.practiceCopy") }));
    await screen.findByRole("button", { name: t("ui.copy.done") });
    expect(fake.calls).toContain("practiceCopyToken");
  });
});
