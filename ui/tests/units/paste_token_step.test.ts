import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, it } from "vitest";

import { keepCheckedToken, report, rowsAfterFailure, viewAtStep } from "../../src/host/fake/connection_views";
import { t } from "../../src/messages";
import GuidePage from "../../src/pages/guide/Guide.svelte";
import PasteTokenStep from "../../src/pages/guide/PasteTokenStep.svelte";
import { openedGuide, soon, stubBrowser } from "./support";

beforeEach(stubBrowser);
afterEach(cleanup);

const box = async (): Promise<Element | null> => (await screen.findByText(t("ui.paste.kept"))).closest(".callout");

it("shows the stored token as good only once Okta accepted it", async () => {
  const passed = await openedGuide({ views: [viewAtStep("paste_token", (view) => keepCheckedToken(view, report()))] });
  render(PasteTokenStep, { guide: passed.guide });
  expect((await box())?.classList.contains("ok")).toBe(true);
  cleanup();
  const unasked = await openedGuide({
    views: [
      viewAtStep("paste_token", (view) => {
        keepCheckedToken(view, report(rowsAfterFailure("domain", "dns_not_found"), []));
      }),
    ],
  });
  render(PasteTokenStep, { guide: unasked.guide });
  expect((await box())?.classList.contains("ok")).toBe(false);
});

it("says from what it follows that the owner lacks the role, where the roles could not be read", async () => {
  const { guide } = await openedGuide({
    views: [
      viewAtStep("paste_token", (view) => {
        keepCheckedToken(view, report(rowsAfterFailure("roles", "roles_not_told"), []));
        view.guide.lacks_response_role = true;
      }),
    ],
  });
  render(PasteTokenStep, { guide });
  expect(await screen.findByText(t("ui.paste.lacksRoleInferred"))).toBeTruthy();
});

it("moves the focus to the heading when the field is gone", async () => {
  const { app, guide } = await openedGuide({ views: [viewAtStep("paste_token")] });
  render(GuidePage, { app, initial: guide.view });
  const field = await screen.findByLabelText<HTMLInputElement>(t("ui.paste.label"));
  await soon(() => expect(document.activeElement?.tagName).toBe("H1"));
  field.focus();
  await fireEvent.input(field, { target: { value: `00${"a".repeat(40)}` } });
  await fireEvent.click(screen.getByRole("button", { name: t("ui.paste.store") }));
  await soon(() => expect(field.isConnected).toBe(false));
  await soon(() => expect(document.activeElement?.tagName).toBe("H1"));
});
