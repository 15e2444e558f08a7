import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import en from "../../messages/en.json";
import type { Rotation } from "../../src/host/model";
import { finishedView, problem } from "../../src/host/fake/connection_views";
import { FakeApp, type Scenario } from "../../src/host/fake/fake_app";
import { viewAfterRotation, viewInRotation, viewKeeping } from "../../src/host/fake/rotation_views";
import { NEW_TOKEN_CHECKS } from "../../src/host/model";
import LastRotationResult from "../../src/pages/rotation/LastRotationResult.svelte";
import RotationPage from "../../src/pages/rotation/RotationGuide.svelte";
import { App } from "../../src/state/app.svelte";
import { RotationGuide } from "../../src/state/rotation.svelte";
import { opened as openedApp, soon, stubBrowser } from "./support";

const EN = en as Record<string, string>;
const TOKEN = `00${"b".repeat(40)}`;

async function opened(script: Scenario): Promise<{ app: App; guide: RotationGuide; fake: FakeApp }> {
  const { app, fake } = await openedApp(script);
  await app.openRotation("c1");
  const view = app.view("c1");
  if (!view) throw new Error("the scenario has no connection");
  return { app, guide: new RotationGuide(app, "c1", view), fake };
}

beforeAll(stubBrowser);

describe("the rotation of a token", () => {
  it("goes from the first step to the end and switches the tokens", async () => {
    const { app, guide, fake } = await opened({ views: [finishedView("c1", "acme")] });
    expect(app.screen).toEqual({ name: "rotation", id: "c1" });
    await guide.next();
    expect(guide.step).toBe("paste");
    await guide.next();
    expect(guide.missing[0]?.what).toBe("token");
    expect(await guide.storeSecret("next_okta_token", TOKEN, false)).toBe(true);
    await guide.next();
    expect(guide.missing[0]?.what).toBe("checks");
    await guide.newChecks.run(NEW_TOKEN_CHECKS);
    expect(guide.newChecks.count(NEW_TOKEN_CHECKS).passed).toBe(NEW_TOKEN_CHECKS.length);
    await guide.next();
    expect(guide.step).toBe("update");
    await guide.next();
    expect(guide.missing[0]?.field).toBe("credential-updated");
    await guide.confirmUpdated(true);
    expect(guide.missing).toEqual([]);
    await guide.next();
    expect(guide.step).toBe("watch");
    expect(guide.view.secrets.map((one) => one.name)).toContain("previous_okta_token");
    await guide.next();
    expect(await guide.revoke()).toBeNull();
    expect(guide.rotation).toMatchObject({ step: "done", revoked: "by_app" });
    expect(fake.calls.filter((name) => name === "revokeOldToken")).toHaveLength(1);
    expect(JSON.stringify(app.views)).not.toContain(TOKEN);
  });

  it("resumes at the step it was left at", async () => {
    const { guide, fake } = await opened({ views: [viewInRotation("watch")] });
    expect(guide.step).toBe("watch");
    await guide.back();
    expect(guide.step).toBe("update");
    expect(guide.hasNew).toBe(true);
    expect(fake.calls).not.toContain("runChecks");
  });

  it("shows a refusal and stays at its step", async () => {
    const { guide } = await opened({ views: [viewInRotation("revoke")], refuse: { revokeOldToken: problem("revocation_refused") } });
    expect((await guide.revoke())?.code).toBe("revocation_refused");
    expect(guide.problem?.code).toBe("revocation_refused");
    expect(guide.rotation?.finished).toBeNull();
    await guide.checkRevoked();
    expect(guide.rotation?.revoked).toBe("seen_refused");
  });

  it("leaves nothing behind when canceled before the switch, and the new token in use after it", async () => {
    const before = await opened({ views: [viewInRotation("update")] });
    expect(await before.guide.cancel()).toBe(true);
    expect(before.guide.rotation).toBeNull();
    expect(before.guide.hasNew).toBe(false);
    const after = await opened({ views: [viewInRotation("revoke")] });
    await after.guide.cancel();
    expect(after.guide.rotation).toMatchObject({ step: "done", revoked: "not_yet" });
  });

  it("gives the practice Radiant the new token when its credential is confirmed as updated", async () => {
    const view = viewInRotation("update");
    view.practice = true;
    const { guide, fake } = await opened({ views: [view] });
    await guide.confirmUpdated(true);
    expect(fake.calls).toContain("practiceCredential");
  });
});

describe("the rotation where this app stores no API token", () => {
  it("goes to the end with the old token pasted once, and stores neither", async () => {
    const { guide, fake } = await opened({ views: [viewKeeping("nothing")] });
    expect(guide.passThrough).toBe("nothing");
    await guide.next();
    await guide.storeSecret("next_okta_token", TOKEN, false);
    await guide.newChecks.run(NEW_TOKEN_CHECKS);
    await guide.next();
    await guide.confirmUpdated(true);
    await guide.next();
    expect(guide.step).toBe("watch");
    expect(guide.view.secrets.map((one) => one.name)).not.toContain("previous_okta_token");
    await guide.next();
    expect(guide.step).toBe("revoke");
    expect(await guide.storeSecret("previous_okta_token", `00${"c".repeat(40)}`, false)).toBe(true);
    expect(guide.rotation?.pasted?.same).toBe(true);
    expect(await guide.revoke()).toBeNull();
    expect(guide.rotation?.revoked).toBe("by_app");
    expect(guide.view.secrets.filter((one) => one.since)).toEqual([]);
    expect(fake.calls).not.toContain("oldTokenRevoked");
  });
});

describe("the page of the rotation", () => {
  afterEach(cleanup);

  it("shows once, at the field, why a pasted token was not stored", async () => {
    const { app, guide } = await opened({ views: [viewInRotation("paste")], refuse: { storeSecret: problem("token_same_as_old") } });
    render(RotationPage, { app, initial: guide.view });
    const field = screen.getByLabelText("New API token");
    await fireEvent.input(field, { target: { value: TOKEN } });
    await fireEvent.click(screen.getByRole("button", { name: "Store in keychain" }));
    const title = EN["code.token_same_as_old.title"] ?? "";
    await soon(() => expect(screen.getAllByText(title)).toHaveLength(1));
    expect(screen.getByText(title).closest(".refused")).not.toBeNull();
  });
});

describe("the result of the old token", () => {
  afterEach(cleanup);

  it.each([
    ["by_app", "verified"],
    ["after_asking", "verified"],
    ["seen_refused", "verified"],
    ["found_refused", "verified"],
    ["by_word", "confirmed"],
    ["not_yet", null],
    ["in_console", null],
  ] as const)("%s is shown as %s, and a confirmation with its author", (revoked, badge) => {
    const { rotation, rotation_guide: guide } = viewAfterRotation(revoked, badge);
    const { container } = render(LastRotationResult, { rotation: rotation as Rotation, proof: guide.proof });
    expect(container.querySelector(".badge")?.classList.contains(badge ?? "") ?? null).toBe(badge ? true : null);
    expect(container.textContent).toContain(EN[`ui.rotation.last.${revoked}`]);
    expect(container.textContent.includes("jo,")).toBe(revoked === "by_word");
  });

  it("is confirmed by a person where the app cannot check it, and never checked then", async () => {
    const { app, guide, fake } = await opened({ views: [viewInRotation("revoke", (_, rotation) => (rotation.revocation_sent = "2026-03-10T10:15:00Z"), "monitoring_token")] });
    render(RotationPage, { app, initial: guide.view });
    expect(screen.queryByRole("button", { name: EN["ui.rotation.revoke.look"] })).toBeNull();
    await fireEvent.click(screen.getByRole("button", { name: EN["ui.rotation.revoke.byWord"] }));
    await soon(() => expect(guide.rotation?.revoked).toBe("by_word"));
    expect(fake.calls).not.toContain("oldTokenRevoked");
  });
});
