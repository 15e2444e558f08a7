import { cleanup, render } from "@testing-library/svelte";
import { afterEach, describe, expect, it } from "vitest";

import { historiesBy } from "../../src/host/fake/monitoring_views";
import DeliveryDelayText from "../../src/pages/monitoring/DeliveryDelayText.svelte";

afterEach(cleanup);

const pageText = (): string => document.body.textContent.replace(/\s+/g, " ");

describe("the delivery delay", () => {
  const day = historiesBy({})("c1", "day");
  const shown = (change: Partial<typeof day>): string => {
    render(DeliveryDelayText, { history: { ...day, ...change }, span: "last 24 hours" });
    const text = pageText();
    cleanup();
    return text;
  };

  it("is that of the newest comparison, with its time", () => {
    expect(shown({ delay_newest: 42 })).toMatch(/42 seconds at \d\d:\d\d|42 seconds at .*\d\d:\d\d/);
    expect(shown({ delay_newest: 0 })).toContain("No backlog as of");
  });

  it("is not an older one where the newest comparison measured none", () => {
    const text = shown({ delay_newest: null });
    expect(text).toMatch(/Not measured at .*\d\d:\d\d/);
    expect(text).toContain("median");
    expect(shown({ delay_newest: null, compared_at: null })).toContain("Not measured");
  });
});
