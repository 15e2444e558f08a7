import { cleanup, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { scenario } from "../../src/host/fake/scenarios";
import { t } from "../../src/messages";
import HelpDrawer from "../../src/pages/HelpDrawer.svelte";
import type { Screen } from "../../src/state/app.svelte";
import { opened, stubBrowser } from "./support";

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
