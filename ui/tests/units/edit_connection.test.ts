import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { finishedView } from "../../src/host/fake/connection_views";
import { FakeApp } from "../../src/host/fake/fake_app";
import { scenario } from "../../src/host/fake/scenarios";
import { t } from "../../src/messages";
import EditConnection from "../../src/pages/edit/EditConnection.svelte";
import Window from "../../src/pages/Window.svelte";
import { opened, soon, stubBrowser } from "./support";

beforeAll(stubBrowser);
afterEach(cleanup);

describe("the edit page of a practice connection", () => {
  it("shows the Okta domain as fixed, with the reason and without a button", async () => {
    const { app } = await opened(scenario("edit_practice"));
    const view = app.views[0];
    if (!view) throw new Error("no connection");
    render(EditConnection, { app, initial: view });
    expect(screen.getByRole("heading", { name: t("ui.edit.domain") })).toBeTruthy();
    expect(screen.getByText(view.okta_url ?? "")).toBeTruthy();
    expect(screen.getByText(t("ui.edit.domain.practice"))).toBeTruthy();
    expect(screen.queryByRole("button", { name: t("ui.edit.domain.change") })).toBeNull();
  });
});

describe("editing a connection", () => {
  it("switches the profile only after a confirmation, and runs the checks for it", async () => {
    const fake = new FakeApp({ views: [finishedView("c1", "acme")], pace: 0 });
    render(Window);
    await soon(() => expect(screen.getByRole("button", { name: /^Details/ })).toBeTruthy());
    await fireEvent.click(screen.getByRole("button", { name: /^Details/ }));
    await fireEvent.click(await screen.findByRole("button", { name: "Edit" }));
    await fireEvent.click(await screen.findByRole("button", { name: "Switch to: Ingestion only" }));
    expect(fake.calls).not.toContain("setProfile");
    expect(screen.getByText(/that the action connector was added is cleared/)).toBeTruthy();
    await fireEvent.click(screen.getByRole("button", { name: "Switch and run the checks" }));
    await soon(() => expect(fake.calls).toContain("runChecks"));
    expect(fake.calls.indexOf("setProfile")).toBeLessThan(fake.calls.indexOf("runChecks"));
  });

  it("states what another Okta domain drops before it opens the guide", async () => {
    const fake = new FakeApp({ views: [finishedView("c1", "acme")] });
    render(Window);
    await soon(() => expect(screen.getByRole("button", { name: /^Details/ })).toBeTruthy());
    await fireEvent.click(screen.getByRole("button", { name: /^Details/ }));
    await fireEvent.click(await screen.findByRole("button", { name: "Edit" }));
    await fireEvent.click(await screen.findByRole("button", { name: "Change the Okta domain" }));
    expect(screen.getByText(/its tokens in the keychain/)).toBeTruthy();
    expect(fake.calls).not.toContain("goToStep");
    await fireEvent.click(screen.getByRole("button", { name: "Open step 2 of the guide" }));
    await soon(() => expect(fake.calls).toContain("goToStep"));
    expect(fake.calls).not.toContain("setDomain");
  });
});
