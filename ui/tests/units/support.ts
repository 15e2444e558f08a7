/** The parts that the tests share: the window's state over a fake app, and what jsdom lacks. */
import { configure } from "@testing-library/svelte";
import { vi } from "vitest";

import { FakeApp, type Scenario } from "../../src/host/fake/fake_app";
import { App } from "../../src/state/app.svelte";
import { Guide } from "../../src/state/guide.svelte";

// A busy machine loads the code of a page and renders it late.
configure({ asyncUtilTimeout: 60_000 });

/** Opens the window's state over a fake app that plays a scenario. */
export async function opened(scenario: Scenario): Promise<{ app: App; fake: FakeApp }> {
  const fake = new FakeApp(scenario);
  const app = new App();
  await app.start();
  return { app, fake };
}

/** Opens the guide of the scenario's first connection too. */
export async function openedGuide(scenario: Scenario): Promise<{ app: App; fake: FakeApp; guide: Guide }> {
  const { app, fake } = await opened(scenario);
  const view = app.views[0];
  if (!view) throw new Error("the scenario has no connection");
  return { app, fake, guide: new Guide(app, view.connection.id, view) };
}

/** Waits for what a busy machine may render late. */
export const soon = (assertion: () => void): Promise<void> => vi.waitFor(assertion, { timeout: 60_000 });

/** Adds the functions that jsdom lacks: a dialog is open when it has the attribute, and nothing scrolls or changes its size. */
export function stubBrowser(): void {
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function () {
    this.open = false;
    this.dispatchEvent(new Event("close"));
  };
  Element.prototype.scrollTo = () => undefined;
  Element.prototype.scrollIntoView = () => undefined;
  vi.stubGlobal("ResizeObserver", class {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  });
}
