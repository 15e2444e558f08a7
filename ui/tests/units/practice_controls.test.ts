import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { scenario } from "../../src/host/fake/scenarios";
import type { PracticeScenario } from "../../src/host/model";
import PracticeControls from "../../src/pages/PracticeControls.svelte";
import TestNotification from "../../src/pages/TestNotification.svelte";
import { PRACTICE_SCENARIOS } from "../../src/state/practice_scenarios";
import { opened, soon, stubBrowser } from "./support";

afterEach(cleanup);
beforeAll(stubBrowser);

describe("the practice controls", () => {
  it("check the page again when a failure is chosen and when it ends, restarting a run under way", async () => {
    const { app, fake } = await opened(scenario("practice_finished"));
    const restarts: (boolean | undefined)[] = [];
    app.offerCheck((restart) => restarts.push(restart));
    render(PracticeControls, { app });
    await fireEvent.click(screen.getByLabelText("Okta is down"));
    await soon(() => expect(screen.getByText("Simulated. The checks run now.")).toBeTruthy());
    await fireEvent.click(screen.getByLabelText("No failure"));
    await soon(() => expect(restarts).toEqual([true, true]));
    expect(screen.queryByText("Simulated. The checks run now.")).toBeNull();
    expect(fake.calls.filter((name) => name === "practiceFault")).toHaveLength(2);
  });

  it("check every practice connection where the page offers no check", async () => {
    const { app, fake } = await opened(scenario("practice_finished"));
    render(PracticeControls, { app });
    await fireEvent.click(screen.getByLabelText("The token is revoked in Okta"));
    await soon(() => expect(fake.calls).toContain("runChecks"));
  });

  it("list every failure once, in a group", () => {
    const listed: PracticeScenario[] = Object.values(PRACTICE_SCENARIOS).flat();
    expect(new Set(listed).size).toBe(listed.length);
    // A scenario that the app knows and no group has would make this assignment fail to compile.
    type Missing = Exclude<PracticeScenario, (typeof PRACTICE_SCENARIOS)[keyof typeof PRACTICE_SCENARIOS][number]>;
    const none: [Missing] extends [never] ? true : never = true;
    expect(none).toBe(true);
  });
});

describe("a test notification", () => {
  it.each([
    ["shown", "The desktop accepted it."],
    ["refused", "The desktop refused it."],
    ["unknown", "Unknown: the desktop did not answer."],
  ] as const)("says that it was %s", async (result, text) => {
    await opened({ testNotification: result });
    render(TestNotification);
    await fireEvent.click(screen.getByRole("button", { name: "Send a test notification" }));
    await soon(() => expect(screen.getByRole("status").textContent).toContain(text));
  });
});
