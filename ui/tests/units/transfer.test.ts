import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { finishedView, problem } from "../../src/host/fake/connection_views";
import { scenario } from "../../src/host/fake/scenarios";
import TransferSection from "../../src/pages/settings/TransferSection.svelte";
import { opened, stubBrowser } from "./support";

afterEach(cleanup);
beforeAll(stubBrowser);

describe("an import", () => {
  it("changes nothing before it was shown and confirmed, and marks every address as to be confirmed", async () => {
    const { app, fake } = await opened(scenario("settings_transfer"));
    render(TransferSection, { app });
    await fireEvent.click(screen.getByRole("button", { name: "Import connections" }));
    const dialog = await screen.findByRole("dialog", { name: "Import connections" });
    expect(fake.calls).not.toContain("importConnections");
    for (const address of ["acme-emea.okta-emea.com", "login.globex.example", "https://logs.globex.example/_msearch"]) {
      expect(within(dialog).getByText(address).parentElement?.textContent).toContain("To be confirmed");
    }
    expect(within(dialog).getByText("acme.okta.com").closest("ul")?.className).toContain("existing");
    await fireEvent.click(within(dialog).getByRole("button", { name: "Import 3 connections" }));
    await screen.findByText("3 connections were imported.");
    expect(app.views).toHaveLength(4);
    await fireEvent.click(screen.getByRole("button", { name: "Open the guide of acme-emea" }));
    expect(app.screen).toEqual({ name: "guide", id: "imported-1" });
  });

  it("that is canceled changes nothing", async () => {
    const { app, fake } = await opened(scenario("settings_transfer"));
    render(TransferSection, { app });
    await fireEvent.click(screen.getByRole("button", { name: "Import connections" }));
    await fireEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Cancel" }));
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(fake.calls).not.toContain("importConnections");
  });

  it("of an unusable file shows the reason", async () => {
    const { app } = await opened({ views: [finishedView("c1", "acme")], refuse: { previewImport: problem("import_foreign") } });
    render(TransferSection, { app });
    await fireEvent.click(screen.getByRole("button", { name: "Import connections" }));
    await screen.findByText("This file is not an export of this app.");
  });

  it("is not offered in a practice run", async () => {
    const { app } = await opened(scenario("settings_practice"));
    render(TransferSection, { app });
    expect(screen.queryAllByRole("button")).toEqual([]);
  });
});
