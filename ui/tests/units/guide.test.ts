import { cleanup, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { finishedView, keepCheckedToken, keepSecret, practiceView, problem, report, row, viewAtStep } from "../../src/host/fake/connection_views";
import { t } from "../../src/messages";
import CreateTokenStep from "../../src/pages/guide/CreateTokenStep.svelte";
import { opened, openedGuide } from "./support";

const TOKEN = `00${"a".repeat(40)}`;

describe("the window at the start", () => {
  it("shows the welcome screen without a connection and the guide with an unfinished one", async () => {
    const { app: empty } = await opened({});
    expect(empty.screen).toEqual({ name: "welcome" });
    const { app } = await openedGuide({ views: [viewAtStep("credential")] });
    expect(app.screen).toEqual({ name: "guide", id: "c1" });
  });

  it("shows the overview when everything is finished", async () => {
    const { app } = await openedGuide({ views: [finishedView("c1", "acme")] });
    expect(app.screen).toEqual({ name: "overview" });
  });

  it("is blocked by a database it cannot read, and works again once it is replaced", async () => {
    const { app } = await opened({ info: { problem: problem("store_corrupt") } });
    expect(app.phase).toBe("blocked");
    await app.setStoreAside();
    expect(app.phase).toBe("ready");
  });

  it("uses the system's language until another is chosen", async () => {
    const { app } = await opened({ info: { system_language: "de" }, preferences: { theme: "system", language: "system" } });
    expect(app.language).toBe("de");
    await app.changePreferences({ language: "en" });
    expect(app.language).toBe("en");
  });
});

describe("the guide", () => {
  it("does not continue before a step is complete, and reports what is missing", async () => {
    const { guide, fake } = await openedGuide({ views: [viewAtStep("before")] });
    await guide.next();
    expect(guide.missing.map((one) => one.what)).toEqual(["service_account", "radiant_admin"]);
    expect(guide.missing.map((one) => one.field)).toEqual(["has-service-account", "has-radiant-admin"]);
    expect(fake.calls).not.toContain("goToStep");
    await guide.confirm("has_service_account", true);
    expect(guide.missing.map((one) => one.what)).toEqual(["radiant_admin"]);
    await guide.confirm("has_radiant_admin", true);
    await guide.next();
    expect(guide.step).toBe("domain");
  });

  it("no longer reports what the checks have resolved", async () => {
    const refused = viewAtStep("paste_token", (view) => keepCheckedToken(view, report([row("token", "failed", { code: "token_refused" })]), "token_not_accepted"));
    const { app, guide } = await openedGuide({ views: [refused] });
    await guide.next();
    expect(guide.missing.map((one) => one.what)).toEqual(["token_not_accepted"]);
    app.updateView(viewAtStep("paste_token", (view) => keepCheckedToken(view, report())));
    expect(guide.missing).toEqual([]);
  });

  it("keeps confirmations when going back", async () => {
    const { guide } = await openedGuide({ views: [viewAtStep("data_connector")] });
    await guide.back();
    expect(guide.step).toBe("credential");
    await guide.next();
    expect(guide.step).toBe("data_connector");
  });

  it("ends at both ends", async () => {
    const { guide, fake } = await openedGuide({ views: [viewAtStep("before")] });
    await guide.back();
    expect(guide.step).toBe("before");
    const end = await openedGuide({ views: [viewAtStep("done")] });
    await end.guide.next();
    expect(end.guide.step).toBe("done");
    expect([...fake.calls, ...end.fake.calls]).not.toContain("goToStep");
  });

  it("sends a pasted token to the app and keeps nothing of it", async () => {
    const { app, guide } = await openedGuide({ views: [viewAtStep("paste_token")] });
    expect(await guide.storeSecret("okta_token", TOKEN, false)).toBe(true);
    expect(JSON.stringify([app.views, guide.view])).not.toContain(TOKEN);
  });

  it("shows the problem of a refused token", async () => {
    const { guide } = await openedGuide({ views: [viewAtStep("paste_token")] });
    expect(await guide.storeSecret("okta_token", "00Tabcdefghijklmnopq", false)).toBe(false);
    expect(guide.problem?.code).toBe("token_is_id");
  });
});

describe("the Okta domain", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is parsed at once and looked up only after the typing pauses", async () => {
    const { guide, fake } = await openedGuide({ views: [viewAtStep("domain")] });
    await guide.domain.type("acm");
    await guide.domain.type("acme");
    expect(guide.domain.reading).toMatchObject({ kind: "org", url: "https://acme.okta.com" });
    expect(fake.calls).not.toContain("discoverDomain");
    await vi.advanceTimersByTimeAsync(600);
    expect(fake.calls.filter((name) => name === "discoverDomain")).toHaveLength(1);
    expect(guide.domain.found?.url).toBe("https://acme.okta.com");
  });

  it("is not stored while it is not a domain", async () => {
    const { guide, fake } = await openedGuide({ views: [viewAtStep("domain")] });
    await guide.domain.type("http://acme.okta.com");
    await guide.next();
    expect(guide.missing[0]?.what).toBe("domain");
    expect(fake.calls).not.toContain("setDomain");
    expect(guide.step).toBe("domain");
  });

  it("is not looked up while the typed text may become a token", async () => {
    const { guide, fake } = await openedGuide({ views: [viewAtStep("domain")] });
    await guide.domain.type("00aB3x");
    await vi.advanceTimersByTimeAsync(600);
    expect(fake.calls).not.toContain("discoverDomain");
    await guide.domain.type("00acme.okta.com");
    await vi.advanceTimersByTimeAsync(600);
    expect(fake.calls).toContain("discoverDomain");
  });

  it("refuses a token, sends it nowhere and removes it from the screen", async () => {
    const { guide, fake } = await openedGuide({ views: [viewAtStep("domain")] });
    await guide.domain.type(TOKEN);
    await vi.advanceTimersByTimeAsync(600);
    expect(guide.domain.reading).toEqual({ kind: "no", code: "domain_is_token" });
    expect(guide.domain.typed).toBe("");
    expect(fake.calls).not.toContain("discoverDomain");
  });

  it("is stored on Continue, and an unchanged one is not looked up again", async () => {
    const { guide, fake } = await openedGuide({ views: [viewAtStep("domain")] });
    await guide.domain.type("acme");
    const going = guide.next();
    await vi.advanceTimersByTimeAsync(10);
    await going;
    expect(guide.view.okta_url).toBe("https://acme.okta.com");
    expect(guide.step).toBe("create_token");
    const again = await openedGuide({ views: [viewAtStep("create_token", (view) => (view.setup.step = "domain"))] });
    await again.guide.next();
    expect(again.fake.calls).not.toContain("setDomain");
    expect(fake.calls).toContain("setDomain");
  });
});

describe("a run of the checks", () => {
  const stored = viewAtStep("paste_token", (view) => keepSecret(view, "okta_token"));

  it("shows each row as it arrives", async () => {
    const { guide } = await openedGuide({ views: [stored], pace: 1, report: report([row("zones", "failed", { code: "zones_refused" })]) });
    const run = guide.checks.run(["keychain", "zones"]);
    expect(guide.checks.stage("zones")).toBe("waiting");
    await run;
    expect(guide.checks.stage("zones")).toBe("answered");
    expect(guide.checks.count(["keychain", "zones"])).toMatchObject({ passed: 1, failed: 1 });
  });

  it("happens one at a time", async () => {
    const { guide, fake } = await openedGuide({ views: [stored], pace: 1 });
    await Promise.all([guide.checks.run(["keychain"]), guide.checks.run(["keychain"])]);
    expect(fake.calls.filter((name) => name === "runChecks")).toHaveLength(1);
  });

  it("keeps the problem of a run that could not start", async () => {
    const { guide } = await openedGuide({ views: [stored], refuse: { runChecks: problem("domain_unset") } });
    await guide.checks.run(["keychain"]);
    expect(guide.checks.problem?.code).toBe("domain_unset");
    expect(guide.checks.running).toBe(false);
  });
});

describe("a token in the domain field", () => {
  const TOKEN = `00${"a1B2".repeat(10)}`;
  const later = async (): Promise<void> => void (await vi.advanceTimersByTimeAsync(600));

  it("is cleared at once where it was pasted, and never looked up", async () => {
    vi.useFakeTimers();
    const { guide, fake } = await openedGuide({ views: [viewAtStep("domain")] });
    await guide.domain.type(TOKEN);
    expect([guide.domain.typed, guide.domain.reading?.kind]).toEqual(["", "no"]);
    await later();
    expect(fake.calls).not.toContain("discoverDomain");
    vi.useRealTimers();
  });

  it("that is typed key by key is cleared after its last character, and its end is not looked up as a host", async () => {
    vi.useFakeTimers();
    const { guide, fake } = await openedGuide({ views: [viewAtStep("domain")] });
    for (let n = 1; n <= TOKEN.length; n++) await guide.domain.type(TOKEN.slice(0, n));
    expect(guide.domain.typed).toBe(TOKEN);
    await later();
    expect(guide.domain.typed).toBe("");
    for (const end of ["x", "xy", "xyz"]) await guide.domain.type(end);
    await later();
    expect(fake.calls).not.toContain("discoverDomain");
    await guide.domain.type("acme.okta.com");
    await later();
    expect(fake.calls).toContain("discoverDomain");
    vi.useRealTimers();
  });
});

describe("a link that cannot be opened", () => {
  it("is explained beside its own button, not at the top of the step", async () => {
    const { guide } = await openedGuide({ views: [viewAtStep("create_token")], refuse: { openLink: problem("link_refused"), copyLink: problem("link_refused") } });
    await guide.openLink({ to: "okta_tokens" });
    expect([guide.stepProblem, guide.linkProblem({ to: "okta_people" }), guide.linkProblem({ to: "okta_tokens" })?.code]).toEqual([null, null, "link_refused"]);
    await guide.copyLink({ to: "okta_people" });
    expect([guide.linkProblem({ to: "okta_tokens" }), guide.linkProblem({ to: "okta_people" })?.code]).toEqual([null, "link_refused"]);
  });

  it("is disabled in practice, with the reason, and copying is the first choice where a private window is needed", async () => {
    const practice = practiceView(viewAtStep("create_token"));
    const { guide } = await openedGuide({ info: { practice: true }, views: [practice] });
    render(CreateTokenStep, { guide });
    const [copy] = screen.getAllByRole<HTMLButtonElement>("button", { name: t("ui.link.copyPrivate") });
    expect([copy?.disabled, copy?.classList.contains("primary")]).toEqual([true, true]);
    expect(screen.getAllByText(t("ui.link.practice")).length).toBeGreaterThan(0);
    cleanup();
    const { guide: real } = await openedGuide({ views: [viewAtStep("create_token")] });
    render(CreateTokenStep, { guide: real });
    expect(screen.getByRole<HTMLButtonElement>("button", { name: t("ui.link.okta_tokens.open") }).disabled).toBe(false);
    const numbers = [...document.querySelectorAll("li[data-number]")].map((one) => one.getAttribute("data-number"));
    expect(numbers).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
    cleanup();
  });
});
