import { cleanup, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { finishedView, keepSecret, NOW, problem, viewAtStep } from "../../src/host/fake/connection_views";
import type { ConnectionView, StatusChange } from "../../src/host/model";
import { shortTime, t } from "../../src/messages";
import GuidePage from "../../src/pages/guide/Guide.svelte";
import OpenConditions from "../../src/pages/monitoring/OpenConditions.svelte";
import StatusChanges from "../../src/pages/monitoring/StatusChanges.svelte";
import { foldFindings, foldRepeats } from "../../src/state/folded_repeats";
import { opened, soon, stubBrowser } from "./support";

beforeAll(stubBrowser);
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const change = (hour: number, state: StatusChange["state"], code?: "token_refused"): StatusChange => ({
  at: `2026-03-10T${String(hour).padStart(2, "0")}:00:00Z`,
  state,
  problem: code ? problem(code) : null,
  row: null,
});

describe("changes of status that say the same", () => {
  const changes = [change(9, "ok"), change(8, "ok"), change(7, "ok"), change(6, "stopped", "token_refused"), change(5, "ok")];

  it("are one line where they follow each other", () => {
    const runs = foldRepeats(changes, (one) => `${one.state} ${one.problem?.code}`);
    expect(runs.map(({ newest, times, since }) => [newest.at, times, since])).toEqual([
      ["2026-03-10T09:00:00Z", 3, "2026-03-10T07:00:00Z"],
      ["2026-03-10T06:00:00Z", 1, "2026-03-10T06:00:00Z"],
      ["2026-03-10T05:00:00Z", 1, "2026-03-10T05:00:00Z"],
    ]);
  });

  it("are shown with how often and since when", () => {
    vi.useFakeTimers({ now: new Date(NOW), toFake: ["Date"] });
    render(StatusChanges, { changes, all: changes.length });
    const lines = screen.getAllByRole("listitem");
    expect(lines).toHaveLength(3);
    expect(lines[0]?.textContent).toContain(t("ui.changes.times", { n: 3, time: shortTime("2026-03-10T07:00:00Z", Date.parse(NOW)) }));
    expect(lines[1]?.textContent).not.toContain("times since");
  });
});

describe("findings of one cause", () => {
  const refused = (row: "token" | "users" | "zones", role: "root" | "beside"): ConnectionView["monitor"]["conditions"][number] => ({ row, problem: problem("token_refused"), since: NOW, probes: 3, role });

  it("are folded into the first, with every check that found it", () => {
    const folded = foldFindings([{ row: "token", text: "a" }, { row: "clock", text: "b" }, { row: "users", text: "a" }], (one) => one.text);
    expect(folded.map(({ row, rows }) => [row, rows])).toEqual([["token", ["token", "users"]], ["clock", ["clock"]]]);
  });

  it("are one item that names what it concerns", async () => {
    const view = finishedView("c1", "acme", (one) => {
      one.status = { ...one.status, state: "stopped", problem: problem("token_refused"), row: "token" };
      one.monitor.conditions = [refused("token", "root"), refused("users", "beside"), refused("zones", "beside"), { row: "clock", problem: problem("clock_off", { args: { seconds: "600" } }), since: NOW, probes: 1, role: "beside" }];
    });
    const { app } = await opened({ views: [view] });
    render(OpenConditions, { app, view, checking: false, oncheck: () => undefined });
    const items = screen.getAllByRole("listitem");
    expect(items).toHaveLength(2);
    expect(items[0]?.textContent).toContain("Concerns: API token, Users, and Network zones");
    expect(items[1]?.textContent).not.toContain("Concerns");
    expect(screen.getAllByText(t("code.token_refused.title"))).toHaveLength(1);
  });
});

describe("the guide", () => {
  const steps = async (view: ConnectionView): Promise<string> => {
    const { app } = await opened({ views: [view] });
    render(GuidePage, { app, initial: view });
    const rail = await screen.findByRole("navigation", { name: t("ui.guide.steps") });
    return rail.textContent;
  };

  it("names the steps of a replacement as such", async () => {
    const view = viewAtStep("credential");
    view.setup.replacement = "2026-03-10T09:00:00Z";
    const rail = await steps(view);
    for (const step of ["create_token", "paste_token", "credential", "arrival"] as const) expect(rail).toContain(t(`ui.replace.step.${step}`));
    expect(rail).toContain(`${t("ui.replace.done")} ${t("ui.stepState.open")}`);
    expect(rail).not.toContain(t("ui.step.credential.short"));
    cleanup();
    expect(await steps(viewAtStep("credential"))).toContain(t("ui.step.credential.short"));
  });

  it("says that storing nothing stops the relay, where a relay has a token", async () => {
    const card = async (view: ConnectionView): Promise<HTMLElement> => {
      const { app } = await opened({ views: [view] });
      render(GuidePage, { app, initial: view });
      await soon(() => expect(screen.getByRole("radiogroup", { name: t("ui.done.keep") })).toBeTruthy());
      return screen.getByRole("radiogroup", { name: t("ui.done.keep") });
    };
    const view = viewAtStep("done");
    expect(within(await card(view)).queryByText(t("ui.done.nothingRelay"), { exact: false })).toBeNull();
    cleanup();
    keepSecret(view, "events_webhook_token");
    expect(within(await card(view)).getByText(t("ui.done.nothingRelay"), { exact: false })).toBeTruthy();
  });
});
