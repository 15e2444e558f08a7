import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import ReportPreview from "../../src/components/ReportPreview.svelte";
import { parseMarkdown, parsePieces } from "../../src/components/report_markdown";
import { finishedView } from "../../src/host/fake/connection_views";
import sample from "../../src/host/fake/report.md?raw";
import SetupReport from "../../src/pages/SetupReport.svelte";
import { opened, soon, stubBrowser } from "./support";

afterEach(cleanup);
beforeAll(stubBrowser);

describe("the rendered report", () => {
  it("has every heading, list, step and table of the file, in its order", () => {
    render(ReportPreview, { markdown: sample, label: "Setup report" });
    const headings = screen.getAllByRole("heading").map((one) => one.textContent?.trim());
    const lines = sample.split("\n");
    expect(headings).toEqual(lines.filter((line) => line.startsWith("#")).map((line) => line.replace(/^#+ /, "")));
    expect(screen.getAllByRole("table")).toHaveLength(lines.filter((line) => line.startsWith("| ---")).length);
    expect(screen.getAllByRole("row")).toHaveLength(lines.filter((line) => line.startsWith("|") && !line.startsWith("| ---")).length);
    expect(screen.getAllByRole("listitem")).toHaveLength(lines.filter((line) => /^(?: {2})?(?:-|\d\.) /.test(line)).length);
  });

  it("drops no word and shows text from elsewhere unchanged, never as markup", () => {
    const { container } = render(ReportPreview, { markdown: sample, label: "Setup report" });
    expect(container.textContent).toContain("Radiant_Security (API) *Token* | 2 <b>");
    expect(container.textContent).toContain("https://acme.okta.com");
    expect(container.querySelector("b, a, script")).toBeNull();
    const letters = (text: string): string => text.replace(/[\s|#>*`-]|\d\.(?= )/g, "");
    const unescaped = sample.replace(/^\|( --- \|)+$/gm, "").replace(/\\([^a-zA-Z0-9\s])/g, "$1").replaceAll("&#58;", ":").replaceAll("&lt;", "<").replaceAll("&gt;", ">");
    expect(letters(container.textContent ?? "")).toBe(letters(unescaped));
  });

  it("parses empty cells, bold, code and unknown syntax", () => {
    expect(parseMarkdown("| a | b | c |\n| --- | --- | --- |\n| x |  | \\| |")).toEqual([
      { kind: "table", head: [parsePieces("a"), parsePieces("b"), parsePieces("c")], rows: [[parsePieces("x"), [], [{ kind: "text", text: "|" }]]] },
    ]);
    expect(parsePieces("**a** b `c_d`")).toEqual([
      { kind: "strong", text: "a" },
      { kind: "text", text: " b " },
      { kind: "code", text: "c_d" },
    ]);
    expect(parseMarkdown("~~~\n!x")).toEqual([
      { kind: "text", pieces: [{ kind: "text", text: "~~~" }] },
      { kind: "text", pieces: [{ kind: "text", text: "!x" }] },
    ]);
  });

  it("can be shown as the text that is saved", async () => {
    await opened({ views: [finishedView("c1", "acme")] });
    render(SetupReport, { id: "c1" });
    await fireEvent.click(screen.getByRole("button", { name: "Preview" }));
    const dialog = await screen.findByRole("dialog", { name: "Setup report" });
    expect(await within(dialog).findByRole("article")).toBeTruthy();
    const toggle = within(dialog).getByRole("button", { name: "Show as text" });
    expect(toggle.getAttribute("aria-pressed")).toBe("false");
    await fireEvent.click(toggle);
    expect(toggle.getAttribute("aria-pressed")).toBe("true");
    expect(dialog.querySelector("pre")?.textContent).toBe(sample);
    expect(within(dialog).queryByRole("article")).toBeNull();
  });
});

describe("copying and printing", () => {
  it("copies the report in the app, and hands the paper to the system's print dialog until that is closed", async () => {
    const { fake } = await opened({ views: [finishedView("c1", "acme")] });
    render(SetupReport, { id: "c1" });
    await fireEvent.click(screen.getByRole("button", { name: "Copy as Markdown" }));
    await soon(() => expect(screen.getByRole("status").textContent).toContain("Copied."));
    expect(fake.calls).toContain("copyReport");
    await fireEvent.click(screen.getByRole("button", { name: "Print or save as PDF" }));
    await soon(() => expect(fake.calls).toContain("printPage"));
    const paper = document.querySelector("body > .paper-only");
    expect(paper?.textContent).toContain("Verified by the app");
    await fireEvent(window, new Event("afterprint"));
    expect(document.querySelector(".paper-only")).toBeNull();
  });
});
