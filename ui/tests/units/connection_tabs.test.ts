import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { finishedView, keepSecret, viewAtStep } from "../../src/host/fake/connection_views";
import { FakeApp, type Scenario } from "../../src/host/fake/fake_app";
import { scenario } from "../../src/host/fake/scenarios";
import { t } from "../../src/messages";
import Window from "../../src/pages/Window.svelte";
import { CONNECTION_TABS } from "../../src/state/app.svelte";
import { soon, stubBrowser } from "./support";

// A busy machine renders late.
vi.setConfig({ testTimeout: 30_000 });

beforeAll(stubBrowser);
afterEach(cleanup);

const tab = (name: (typeof CONNECTION_TABS)[number]): HTMLElement => screen.getByRole("tab", { name: new RegExp(`^${t(`ui.connection.tab.${name}`)}`) });
const selected = (): string[] => screen.getAllByRole("tab", { selected: true }).map((one) => one.id);

async function opened(script: Scenario, id = "c1"): Promise<FakeApp> {
  const fake = new FakeApp({ landing: { id, row: null }, ...script });
  render(Window);
  await soon(() => expect(screen.getAllByRole("tab")).toHaveLength(CONNECTION_TABS.length));
  return fake;
}

describe("the tabs of a connection", () => {
  it("are walked with the arrow keys, Home and End, and only the selected one is in the tab order", async () => {
    await opened({ views: [finishedView("c1", "acme")] });
    expect(selected()).toEqual(["tab-overview"]);
    tab("overview").focus();
    for (const [key, id] of [["ArrowRight", "tab-checks"], ["End", "tab-report"], ["ArrowRight", "tab-overview"], ["ArrowLeft", "tab-report"], ["Home", "tab-overview"]] as const) {
      await fireEvent.keyDown(document.activeElement ?? document.body, { key });
      expect([document.activeElement?.id, ...selected()]).toEqual([id, id]);
    }
    expect(screen.getAllByRole("tab").filter((one) => one.tabIndex === 0)).toHaveLength(1);
    expect(screen.getByRole("tabpanel").getAttribute("aria-labelledby")).toBe("tab-overview");
  });

  it("are remembered when another page was opened meanwhile", async () => {
    await opened({ views: [finishedView("c1", "acme")] });
    await fireEvent.click(tab("history"));
    await fireEvent.click(screen.getByRole("button", { name: t("ui.title.settings") }));
    await soon(() => expect(screen.queryAllByRole("tab")).toHaveLength(0));
    await fireEvent.keyDown(document.body, { key: "ArrowLeft", altKey: true });
    await soon(() => expect(selected()).toEqual(["tab-history"]));
  });

  it("open the checks for a clicked notification, also where the check has passed meanwhile", async () => {
    await opened({ ...scenario("monitoring_landing") });
    await soon(() => expect(document.activeElement?.id).toBe("check-token"));
    cleanup();
    await opened({ views: [finishedView("c1", "acme")], landing: { id: "c1", row: "users" } });
    await soon(() => expect(document.activeElement?.id).toBe("check-users"));
    expect(document.getElementById("check-users")?.closest("details")?.open).toBe(true);
  });

  it("say how many checks need attention", async () => {
    await opened(scenario("monitoring_refused"), "c2");
    expect(tab("checks").textContent.replace(/\s+/g, " ")).toMatch(/Checks ?1, 1 problem/);
  });

  it("say what is missing while the guide is not finished", async () => {
    await opened({ views: [viewAtStep("create_token"), finishedView("c2", "other")] });
    expect(screen.getByText(t("ui.connection.unfinished"))).toBeTruthy();
    for (const [name, text] of [["history", t("ui.connection.afterSetup")], ["report", t("ui.connection.afterSetup")], ["permissions", t("ui.connection.noPermissions")], ["checks", t("ui.connection.noToken")]] as const) {
      await fireEvent.click(tab(name));
      expect(screen.getByText(text), name).toBeTruthy();
    }
  });

  it("run the checks from every tab and show them", async () => {
    const fake = await opened({ views: [finishedView("c1", "acme", (view) => keepSecret(view, "okta_token"))] });
    await fireEvent.click(tab("report"));
    await fireEvent.click(screen.getByRole("button", { name: t("ui.connection.checkNow") }));
    await soon(() => expect(selected()).toEqual(["tab-checks"]));
    await soon(() => expect(fake.calls).toContain("runChecks"));
    await soon(() => expect(document.getElementById("run-checks")).not.toBeNull());
  });
});
