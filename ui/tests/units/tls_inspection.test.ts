import { cleanup, render } from "@testing-library/svelte";
import { afterEach, describe, expect, it, vi } from "vitest";

import { keepCheckedToken, problem, report, row, viewAtStep } from "../../src/host/fake/connection_views";
import type { ConnectionView, InspectionQuestion } from "../../src/host/model";
import { t } from "../../src/messages";
import TlsInspectionDecision from "../../src/pages/guide/TlsInspectionDecision.svelte";
import { opened, soon } from "./support";

const KEY = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const asked = (change: Partial<InspectionQuestion> = {}): InspectionQuestion => ({ host: "acme.okta.com", issuer: "Example Gateway", key: KEY, is_asked_again: false, ...change });
const meeting = (question: InspectionQuestion | null): ConnectionView =>
  viewAtStep("paste_token", (view) => {
    const args = { host: "acme.okta.com", issuer: "Example Gateway", issuer_key: KEY };
    keepCheckedToken(view, report([row("tls", "attention", { code: "tls_inspected", args })], [], false));
    view.guide.inspection = question;
  });

afterEach(cleanup);

describe("the decision about an inspecting proxy", () => {
  it("shows the host, the issuer and its key, and sends them with the acceptance", async () => {
    const { app } = await opened({ views: [meeting(asked())] });
    const onagain = vi.fn();
    const page = render(TlsInspectionDecision, { app, view: meeting(asked()), check: "tls", onagain });
    expect(page.container.textContent).toContain("acme.okta.com");
    expect(page.container.textContent).toContain(KEY);
    expect(page.container.textContent).not.toContain(t("ui.tls.askedAgain"));
    page.getByText(t("ui.tls.accept")).click();
    await soon(() => expect(onagain).toHaveBeenCalledOnce());
    expect(app.views[0]?.setup.accepted_issuers).toEqual([{ host: "acme.okta.com", issuer: "Example Gateway", key: KEY, at: expect.any(String), by: "jo" }]);
  });

  it("says why it asks again, and offers no acceptance of an issuer without a key", async () => {
    const view = meeting(asked({ key: "", is_asked_again: true }));
    const { app } = await opened({ views: [view] });
    const page = render(TlsInspectionDecision, { app, view, check: "tls", onagain: () => undefined });
    expect(page.container.textContent).toContain(t("ui.tls.askedAgain"));
    expect(page.container.textContent).toContain(t("ui.tls.noKey"));
    expect(page.queryByText(t("ui.tls.accept"))).toBeNull();
  });

  it("asks about Radiant's host when a search was refused", async () => {
    const view = meeting(null);
    const { app } = await opened({ views: [view] });
    const refused = problem("radiant_tls_inspected", { args: { host: "plugin.radiantsecurity.ai", issuer: "Example Gateway", issuer_key: KEY } });
    const page = render(TlsInspectionDecision, { app, view, check: "radiant_tls", refused, onagain: () => undefined });
    expect(page.container.textContent).toContain("plugin.radiantsecurity.ai");
    expect(page.getByText(t("ui.tls.radiantAccept"))).toBeDefined();
    expect(page.queryByText(t("ui.tls.accept"))).toBeNull();
  });
});
