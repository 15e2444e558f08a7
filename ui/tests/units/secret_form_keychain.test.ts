import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { problem } from "../../src/host/fake/connection_views";
import { scenario } from "../../src/host/fake/scenarios";
import { t } from "../../src/messages";
import SecretForm from "../../src/pages/SecretForm.svelte";
import { Guide } from "../../src/state/guide.svelte";
import { opened, soon, stubBrowser } from "./support";

afterEach(cleanup);
beforeAll(stubBrowser);

describe("a locked keychain at a token field", () => {
  it("is shown once, also after a token was refused because of it, and no longer once it is unlocked", async () => {
    const { app, fake } = await opened({ ...scenario("keychain_locked"), refuse: { keychainProbe: problem("keychain_locked"), storeSecret: problem("keychain_locked") } });
    const view = app.views[0];
    if (!view) throw new Error("no connection");
    const guide = new Guide(app, view.connection.id, view);
    render(SecretForm, { guide, secret: "okta_token", id: "api-token", label: "Token", hint: "", action: "Store", onstored: () => undefined });
    const sentence = t("code.keychain_locked.title");
    expect(await screen.findAllByText(sentence)).toHaveLength(1);
    const field = screen.getByLabelText<HTMLInputElement>("Token");
    await fireEvent.input(field, { target: { value: `00T${"a".repeat(17)}` } });
    await soon(() => expect(field.getAttribute("aria-invalid")).toBe("true"));
    expect(field.value).toBe(`00T${"a".repeat(17)}`);
    await fireEvent.input(field, { target: { value: `00${"a".repeat(40)}` } });
    await fireEvent.click(screen.getByRole("button", { name: "Store" }));
    await soon(() => expect(guide.problem?.code).toBe("keychain_locked"));
    expect(screen.getAllByText(sentence)).toHaveLength(1);
    delete fake.refuse.keychainProbe;
    await fireEvent.click(screen.getByRole("button", { name: t("ui.keychain.again") }));
    await soon(() => expect(screen.queryByText(sentence)).toBeNull());
  });
});

describe("a token that is too long for the keychain", () => {
  it("can be kept for this run although the keychain works", async () => {
    const { app, fake } = await opened({ ...scenario("paste"), refuse: { storeSecret: problem("keychain_too_long", { args: { limit: "2560" } }) } });
    const view = app.views[0];
    if (!view) throw new Error("no connection");
    const guide = new Guide(app, view.connection.id, view);
    let stored = false;
    render(SecretForm, { guide, secret: "radiant_search_token", id: "search-token", label: "Token", hint: "", action: "Store", onstored: () => (stored = true) });
    const offer = (): HTMLElement | null => screen.queryByLabelText(t("ui.keychain.runOnly"));
    const field = screen.getByLabelText<HTMLInputElement>("Token");
    const store = async (): Promise<void> => {
      await fireEvent.input(field, { target: { value: "eyJ".padEnd(3_000, "a") } });
      await fireEvent.click(screen.getByRole("button", { name: "Store" }));
    };
    expect(offer()).toBeNull();
    await store();
    await soon(() => expect(offer()).toBeTruthy());
    await fireEvent.click(offer() as HTMLElement);
    delete fake.refuse.storeSecret;
    await store();
    await soon(() => expect(stored).toBe(true));
  });
});
