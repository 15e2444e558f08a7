import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { scenario } from "../../src/host/fake/scenarios";
import { t } from "../../src/messages";
import Settings from "../../src/pages/settings/Settings.svelte";
import { MONITORING_GROUPS, SETTINGS_SECTIONS } from "../../src/state/app.svelte";
import { opened, stubBrowser } from "./support";

afterEach(cleanup);
beforeAll(stubBrowser);

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
