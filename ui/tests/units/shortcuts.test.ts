import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { finishedView, problem, viewAtStep } from "../../src/host/fake/connection_views";
import { FakeApp } from "../../src/host/fake/fake_app";
import { t } from "../../src/messages";
import Overview from "../../src/pages/Overview.svelte";
import Window from "../../src/pages/Window.svelte";
import { actionOf, contextOf, isSuppressed, type KeyPress, mayStart, type ShortcutContext, validZoom, ZOOM_LEVELS, zoomAfter } from "../../src/state/shortcuts";
import { opened, soon, stubBrowser } from "./support";

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });
const CTRL = { ctrlKey: true };
const PAGE: ShortcutContext = { inField: false, hasText: false, inDialog: false, closable: false, mac: false };

beforeAll(stubBrowser);
afterEach(() => {
  cleanup();
  document.documentElement.style.fontSize = "";
});

describe("a key press", () => {
  it("means the listed action, and every other one nothing", () => {
    const actions = [press(",", CTRL), press("r", CTRL), press("R", CTRL), press("+", CTRL), press("+", { ...CTRL, shiftKey: true }), press("=", CTRL), press("-", CTRL), press("0", CTRL), press("ArrowLeft", { altKey: true }), press("Escape"), press("F1")];
    expect(actions.map((one) => actionOf(one, false))).toEqual(["settings", "check", "check", "zoom_in", "zoom_in", "zoom_in", "zoom_out", "zoom_reset", "back", "close", "help"]);
    const others = [press(","), press("r"), press("r", { ...CTRL, altKey: true }), press("R", { ...CTRL, shiftKey: true }), press("ArrowLeft"), press("ArrowLeft", { altKey: true, shiftKey: true }), press("Escape", CTRL), press("c", CTRL)];
    expect(others.map((one) => actionOf(one, false))).toEqual(others.map(() => null));
  });

  it("uses the command key on macOS alone", () => {
    expect([actionOf(press(",", { metaKey: true }), true), actionOf(press(",", CTRL), true), actionOf(press(",", { metaKey: true }), false)]).toEqual(["settings", null, null]);
  });

  it("never leaves a page while a field holds text, and never acts behind a dialog", () => {
    for (const action of ["home", "settings", "check", "back", "help"] as const) {
      expect(mayStart(action, PAGE), action).toBe(true);
      expect(mayStart(action, { ...PAGE, inField: true, hasText: true }), action).toBe(false);
      expect(mayStart(action, { ...PAGE, inDialog: true }), action).toBe(false);
    }
    expect(mayStart("back", { ...PAGE, inField: true, mac: true })).toBe(false);
    expect(mayStart("zoom_in", { ...PAGE, inDialog: true, inField: true, hasText: true })).toBe(true);
    expect([mayStart("close", { ...PAGE, closable: true }), mayStart("close", PAGE), mayStart("close", { ...PAGE, closable: true, inField: true }), mayStart("close", { ...PAGE, closable: true, inDialog: true })]).toEqual([true, false, false, false]);
  });

  it("never reloads the page, which would lose what was typed", () => {
    expect(isSuppressed("check", { ...PAGE, inField: true, hasText: true })).toBe(true);
    expect(isSuppressed("select_all", { ...PAGE, inField: true })).toBe(false);
  });

  it("zooms between the first and the last level", () => {
    expect([zoomAfter("zoom_in", 100), zoomAfter("zoom_out", 100), zoomAfter("zoom_in", 200), zoomAfter("zoom_out", 80), zoomAfter("zoom_reset", 175), zoomAfter("zoom_in", 105)]).toEqual([110, 90, 200, 80, 100, 110]);
    expect([validZoom(undefined), validZoom(5000), validZoom(1), validZoom(125)]).toEqual([100, ZOOM_LEVELS.at(-1), ZOOM_LEVELS[0], 125]);
  });
});

describe("what has the focus", () => {
  it("counts as a field only where something is typed or chosen", () => {
    document.body.innerHTML = `<input id="a" value="x"><input id="b" type="checkbox" checked><input id="c" value="x" readonly><select id="d"><option>1</option></select><button id="e">x</button>`;
    const context = (id: string): [boolean, boolean] => {
      document.getElementById(id)?.focus();
      const { inField, hasText } = contextOf(document, false, false);
      return [inField, hasText];
    };
    expect(["a", "b", "c", "d", "e"].map(context)).toEqual([[true, true], [false, false], [false, false], [true, false], [false, false]]);
    document.body.innerHTML = "";
  });
});

describe("going back", () => {
  it("returns to the pages before, each once, and ends at the start of the app", async () => {
    const { app } = await opened({ views: [finishedView("c1", "acme"), finishedView("c2", "other")] });
    app.open({ name: "connection", id: "c1" });
    app.showTab("history");
    app.open({ name: "settings" });
    app.open({ name: "settings", section: "about" });
    app.goBack();
    expect(app.screen).toMatchObject({ name: "connection", id: "c1", tab: "history" });
    app.goBack();
    expect(app.screen.name).toBe("overview");
    app.goBack();
    expect(app.screen.name).toBe("overview");
  });

  it("skips a connection that was removed meanwhile", async () => {
    const { app } = await opened({ views: [finishedView("c1", "acme"), finishedView("c2", "other")] });
    app.open({ name: "connection", id: "c2" });
    app.open({ name: "edit", id: "c2" });
    app.open({ name: "settings" });
    app.views = app.views.filter((view) => view.connection.id !== "c2");
    app.goBack();
    expect(app.screen.name).toBe("overview");
  });
});

describe("the window", () => {
  const keys = (init: KeyboardEventInit): boolean => document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init })) ?? true;
  const heading = (): string => document.querySelector("h1")?.textContent ?? "";

  it("without a connection always has a way home from the settings", async () => {
    new FakeApp({});
    render(Window);
    const title = await screen.findByRole("heading", { level: 1, name: t("ui.first.title") });
    expect(title).toBeTruthy();
    for (const back of [(): unknown => fireEvent.click(screen.getByRole("link", { name: /home/ })), (): unknown => keys({ key: "Escape" }), (): unknown => keys({ key: "ArrowLeft", altKey: true })]) {
      await fireEvent.click(screen.getByRole("button", { name: t("ui.title.settings") }));
      await soon(() => expect(heading()).toBe(t("ui.title.settings")));
      back();
      await soon(() => expect(heading()).toBe(t("ui.first.title")));
    }
    await fireEvent.click(screen.getByRole("button", { name: t("ui.title.overview") }));
    await soon(() => expect(heading()).toBe(t("ui.title.overview")));
  });

  it("opens the settings, zooms, and keeps the zoom", async () => {
    const fake = new FakeApp({ views: [finishedView("c1", "acme")] });
    render(Window);
    await soon(() => expect(heading()).toBe(t("ui.title.overview")));
    keys({ key: "+", ctrlKey: true });
    await soon(() => expect(document.documentElement.style.fontSize).toBe("110%"));
    expect(fake.calls).toContain("setPreferences");
    keys({ key: "0", ctrlKey: true });
    await soon(() => expect(document.documentElement.style.fontSize).toBe(""));
    keys({ key: ",", ctrlKey: true });
    await soon(() => expect(heading()).toBe(t("ui.title.settings")));
  });

  it("leaves a half-typed field alone, and reloads nothing", async () => {
    new FakeApp({ views: [viewAtStep("paste_token")] });
    render(Window);
    const field = await screen.findByLabelText<HTMLInputElement>(t("ui.paste.label"));
    // A new step moves the focus to its heading.
    await soon(() => expect(document.activeElement?.tagName).toBe("H1"));
    field.focus();
    field.value = "00half";
    for (const key of [{ key: ",", ctrlKey: true }, { key: "ArrowLeft", altKey: true }, { key: "Home", altKey: true }]) keys(key);
    expect(keys({ key: "r", ctrlKey: true })).toBe(false);
    await Promise.resolve();
    expect([field.isConnected, field.value]).toEqual([true, "00half"]);
    expect(keys({ key: "a", ctrlKey: true })).toBe(true);
    document.querySelector<HTMLElement>("h1")?.focus();
    expect(keys({ key: "a", ctrlKey: true })).toBe(false);
    keys({ key: ",", ctrlKey: true });
    await Promise.resolve();
    expect([field.isConnected, field.value]).toEqual([true, "00half"]);
  });

  it("does not act behind an open dialog", async () => {
    new FakeApp({ views: [finishedView("c1", "acme")] });
    render(Window);
    await soon(() => expect(heading()).toBe(t("ui.title.overview")));
    keys({ key: "F1" });
    await soon(() => expect(document.querySelector("dialog[open]")).not.toBeNull());
    keys({ key: ",", ctrlKey: true });
    keys({ key: "ArrowLeft", altKey: true });
    await Promise.resolve();
    expect(heading()).toBe(t("ui.title.overview"));
    expect(screen.getByText(t("ui.keys.title"))).toBeTruthy();
  });

  it("runs the checks of the connection that is shown", async () => {
    const fake = new FakeApp({ views: [finishedView("c1", "acme")], landing: { id: "c1", row: null } });
    render(Window);
    await soon(() => expect(heading()).toBe("acme"));
    keys({ key: "r", ctrlKey: true });
    await soon(() => expect(fake.calls).toContain("runChecks"));
  });
});

describe("the shortcut for checking", () => {
  it("checks the connection that has the focus, else the worst", async () => {
    const broken = finishedView("c2", "acme-emea", (view) => (view.status = { ...view.status, state: "stopped", problem: problem("token_refused") }));
    const { app, fake } = await opened({ views: [finishedView("c1", "acme"), broken] });
    render(Overview, { app });
    const expanded = (): string[] => [...document.querySelectorAll<HTMLElement>("[data-connection]:has(article)")].map((line) => line.dataset["connection"] ?? "");
    app.checkNow?.();
    await soon(() => expect(expanded()).toEqual(["c2"]));
    document.querySelector<HTMLElement>("[data-connection=c1] .go button")?.focus();
    app.checkNow?.();
    await soon(() => expect(expanded()).toEqual(["c2", "c1"]));
    await soon(() => expect(fake.calls.filter((name) => name === "runChecks")).toHaveLength(2));
    await soon(() => expect(screen.getAllByText(t("ui.checks.runAgain"))).toHaveLength(2));
  });
});
