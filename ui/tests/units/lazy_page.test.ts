/** A page whose code is loaded when it is first shown: the page with its properties, or why it cannot be shown. */
import { cleanup, configure, render, screen } from "@testing-library/svelte";
import type { Component } from "svelte";
import { afterEach, describe, expect, it, vi } from "vitest";

import { t } from "../../src/messages";
import LazyPage from "../../src/pages/LazyPage.svelte";

// A busy machine may render late.
configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000 });
afterEach(cleanup);

describe("a page that is loaded when it is shown", () => {
  it("gets its properties, and their changes", async () => {
    // The renderer of the tests does not infer the type of the properties from the page.
    const load = async () => (await import("../../src/components/RichText.svelte")) as unknown as { default: Component<Record<string, unknown>> };
    const page = render(LazyPage, { props: { load, pageProps: { text: "First" } } });
    expect(await screen.findByText("First")).toBeTruthy();
    await page.rerender({ load, pageProps: { text: "Second" } });
    expect(await screen.findByText("Second")).toBeTruthy();
  });

  it("is replaced by the problem when its code cannot be loaded", async () => {
    render(LazyPage, { props: { load: () => Promise.reject(new Error("Importing a module script failed.")), pageProps: {} } });
    expect(await screen.findByText(t("code.internal.title"))).toBeTruthy();
    expect(screen.getByText("Importing a module script failed.")).toBeTruthy();
  });
});
