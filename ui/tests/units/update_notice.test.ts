import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { problem } from "../../src/host/fake/connection_views";
import { scenario } from "../../src/host/fake/scenarios";
import AboutSection from "../../src/pages/settings/AboutSection.svelte";
import { opened, soon, stubBrowser } from "./support";

afterEach(cleanup);
beforeAll(stubBrowser);

const button = (name: string): HTMLElement => screen.getByRole("button", { name });

describe("the notice of a newer version", () => {
  it("shows version, day and link, and opens nothing", async () => {
    const { app, fake } = await opened(scenario("update_available"));
    render(AboutSection, { app });
    await soon(() => screen.getByText("Version 1.4.0 is available"));
    screen.getByText("https://downloads.example.com/okta-connector/1.4.0");
    expect(screen.queryByRole("link")).toBeNull();
    expect(fake.calls).not.toContain("openLink");
  });

  it("is absent where nobody set an address", async () => {
    const { app, fake } = await opened({});
    render(AboutSection, { app });
    await soon(() => expect(fake.calls).toContain("updateNotice"));
    expect(screen.queryByRole("button", { name: "Check for a newer version" })).toBeNull();
  });

  it("shows why a file was not used", async () => {
    const { app } = await opened({ ...scenario("update_none"), updateAfterCheck: { host: "downloads.example.com", checked: null, newer: null, problem: problem("update_older", { args: { found: "1.0.0", known: "1.4.0" } }) } });
    render(AboutSection, { app });
    await soon(() => screen.getByText(/You have the latest version/));
    await fireEvent.click(button("Check for a newer version"));
    await soon(() => screen.getByText(/older than the one before: version 1.0.0 after 1.4.0/));
    expect(screen.queryByText(/latest version/)).toBeNull();
  });
});
