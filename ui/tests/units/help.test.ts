import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { problem } from "../../src/host/fake/connection_views";
import { scenario } from "../../src/host/fake/scenarios";
import { t } from "../../src/messages";
import EditConnection from "../../src/pages/edit/EditConnection.svelte";
import TokenEntry from "../../src/pages/guide/TokenEntry.svelte";
import HelpDrawer from "../../src/pages/HelpDrawer.svelte";
import Settings from "../../src/pages/settings/Settings.svelte";
import { MONITORING_GROUPS, type Screen, SETTINGS_SECTIONS } from "../../src/state/app.svelte";
import { Guide } from "../../src/state/guide.svelte";
import { opened, stubBrowser } from "./support";

vi.setConfig({ testTimeout: 30_000 });
afterEach(cleanup);
beforeAll(stubBrowser);

describe("the help drawer", () => {
  const screens: [Screen, string][] = [
    [{ name: "welcome" }, t("ui.help.page.welcome.lead")],
    [{ name: "overview" }, t("ui.help.page.overview.lead")],
    [{ name: "connection", id: "c1" }, t("ui.help.page.connection.lead")],
    [{ name: "edit", id: "c1" }, t("ui.help.page.edit.lead")],
    [{ name: "rotation", id: "c1" }, t("ui.help.page.rotation.lead")],
    [{ name: "settings" }, t("ui.help.page.settings.lead")],
    [{ name: "licenses" }, t("ui.help.page.settings.lead")],
    [{ name: "diagnostics" }, t("ui.help.page.diagnostics.lead")],
    [{ name: "guide", id: "c1" }, t("ui.help.done.lead")],
  ];

  it.each(screens)("shows the help of %o first, and then the question to the documentation", async (shown, lead) => {
    const { app } = await opened(scenario("monitoring_healthy"));
    app.open(shown);
    app.helpOpen = true;
    render(HelpDrawer, { app, view: app.view("c1") });
    const dialog = await screen.findByRole("dialog", { name: /^Help: \S/ });
    const text = dialog.textContent ?? "";
    expect(text).toContain(lead);
    expect(text.indexOf(lead)).toBeLessThan(text.indexOf(t("ui.ask.title")));
    expect(within(dialog).getAllByRole("listitem").length).toBeGreaterThanOrEqual(3);
  });
});

describe("the settings navigation", () => {
  it("links to every section and group, and moves the focus to its heading", async () => {
    const { app } = await opened(scenario("monitoring_healthy"));
    render(Settings, { app });
    await screen.findByRole("heading", { level: 3, name: t("ui.work.title") });
    const nav = screen.getByRole("navigation", { name: t("ui.settings.sections") });
    const links = within(nav).getAllByRole("link");
    expect(links).toHaveLength(SETTINGS_SECTIONS.length + MONITORING_GROUPS.length);
    for (const link of links) {
      await fireEvent.click(link);
      expect(document.activeElement?.tagName).toMatch(/^H[23]$/);
      expect(document.activeElement?.textContent).toBe(link.textContent);
    }
  });
});

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

describe("a locked keychain at a token field", () => {
  it("is shown once, also after a token was refused because of it, and no longer once it is unlocked", async () => {
    const { app, fake } = await opened({ ...scenario("keychain_locked"), refuse: { keychainProbe: problem("keychain_locked"), storeSecret: problem("keychain_locked") } });
    const view = app.views[0];
    if (!view) throw new Error("no connection");
    const guide = new Guide(app, view.connection.id, view);
    render(TokenEntry, { guide, secret: "okta_token", id: "api-token", label: "Token", hint: "", action: "Store", onstored: () => undefined });
    const sentence = t("code.keychain_locked.title");
    expect(await screen.findAllByText(sentence)).toHaveLength(1);
    const field = screen.getByLabelText<HTMLInputElement>("Token");
    await fireEvent.input(field, { target: { value: `00T${"a".repeat(17)}` } });
    await vi.waitFor(() => expect(field.getAttribute("aria-invalid")).toBe("true"));
    expect(field.value).toBe(`00T${"a".repeat(17)}`);
    await fireEvent.input(field, { target: { value: `00${"a".repeat(40)}` } });
    await fireEvent.click(screen.getByRole("button", { name: "Store" }));
    await vi.waitFor(() => expect(guide.problem?.code).toBe("keychain_locked"));
    expect(screen.getAllByText(sentence)).toHaveLength(1);
    delete fake.refuse.keychainProbe;
    await fireEvent.click(screen.getByRole("button", { name: t("ui.keychain.again") }));
    await vi.waitFor(() => expect(screen.queryByText(sentence)).toBeNull());
  });
});

describe("a token that is too long for the keychain", () => {
  it("can be kept for this run although the keychain works", async () => {
    const { app, fake } = await opened({ ...scenario("paste"), refuse: { storeSecret: problem("keychain_too_long", { args: { limit: "2560" } }) } });
    const view = app.views[0];
    if (!view) throw new Error("no connection");
    const guide = new Guide(app, view.connection.id, view);
    let stored = false;
    render(TokenEntry, { guide, secret: "radiant_search_token", id: "search-token", label: "Token", hint: "", action: "Store", onstored: () => (stored = true) });
    const offer = (): HTMLElement | null => screen.queryByLabelText(t("ui.keychain.runOnly"));
    const field = screen.getByLabelText<HTMLInputElement>("Token");
    const store = async (): Promise<void> => {
      await fireEvent.input(field, { target: { value: "eyJ".padEnd(3_000, "a") } });
      await fireEvent.click(screen.getByRole("button", { name: "Store" }));
    };
    expect(offer()).toBeNull();
    await store();
    await vi.waitFor(() => expect(offer()).toBeTruthy());
    await fireEvent.click(offer() as HTMLElement);
    delete fake.refuse.storeSecret;
    await store();
    await vi.waitFor(() => expect(stored).toBe(true));
  });
});
