import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { scenario } from "../../src/host/fake/scenarios";
import { t } from "../../src/messages";
import QuitSection from "../../src/pages/settings/QuitSection.svelte";
import { opened, stubBrowser } from "./support";

beforeAll(stubBrowser);
afterEach(cleanup);

describe("Quit in the settings", () => {
  it("says what ends and quits at one press", async () => {
    const { app, fake } = await opened({});
    render(QuitSection, { app });
    expect(screen.getByText(t("ui.quit.text"))).toBeTruthy();
    await fireEvent.click(screen.getByRole("button", { name: "Quit" }));
    expect(fake.calls.filter((name) => name === "quit")).toHaveLength(1);
  });

  it("says in practice that the practice organization is deleted", async () => {
    const { app } = await opened(scenario("practice_welcome"));
    render(QuitSection, { app });
    expect(screen.getByText(t("ui.quit.practice"))).toBeTruthy();
  });
});
