/**
 * The Okta domain while it is typed: parsed at once without a request; then the org is looked up when the typing pauses. A late
 * answer to an earlier text is dropped.
 */
import { commands } from "../host/commands";
import type { ParsedDomain, OrgFound, Problem } from "../host/model";
import { problemOf } from "../host/problem";

/** Milliseconds without a keystroke before Okta is asked. */
const DEBOUNCE_MS = 500;
/** The beginning of an API token, which must not be looked up while it is typed. An org with such a name is looked up on Continue. */
const MAY_BECOME_TOKEN = /^\s*(ssws\s+)?00[\w-]*\s*$/i;

/** The domain field of one guide. */
export class DomainEntry {
  typed = $state("");
  reading = $state.raw<ParsedDomain | null>(null);
  found = $state.raw<OrgFound | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** Whether Okta is being asked which org the domain belongs to. */
  loading = $state(false);
  /** Whether Continue was pressed on an unusable text: then an unfinished text shows its error too. */
  refused = $state(false);
  private edits = 0;
  /** Whether a token was cleared from the field: what is typed on may be its end, and is not looked up by itself. */
  private afterToken = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly id: string,
    typed: string,
  ) {
    this.typed = typed;
  }

  get isUsable(): boolean {
    return this.reading !== null && this.reading.kind !== "no";
  }

  /** Whether the typed text leads to another address than `url`, the stored one. */
  differsFrom(url: string | null): boolean {
    if (url === null) return true;
    return this.edits > 0 && this.found?.url !== url;
  }

  refuse(): void {
    this.refused = true;
  }

  async type(text: string): Promise<void> {
    const edit = ++this.edits;
    const isPasted = Math.abs(text.length - this.typed.length) > 1;
    clearTimeout(this.timer);
    if (text === "" || text.includes(".")) this.afterToken = false;
    this.typed = text;
    this.found = null;
    this.problem = null;
    this.refused = false;
    this.loading = false;
    const reading = await commands.readDomain(text);
    if (edit !== this.edits) return;
    this.reading = reading;
    // Text that looks like a token does not stay on the screen. One that is typed is cleared after its last character only.
    if (reading.kind === "no" && reading.code === "domain_is_token") {
      if (isPasted) this.clearToken();
      else this.timer = setTimeout(() => this.clearToken(), DEBOUNCE_MS);
    } else if (reading.kind !== "no" && !this.afterToken && !MAY_BECOME_TOKEN.test(text)) this.timer = setTimeout(() => void this.discover(edit), DEBOUNCE_MS);
  }

  private clearToken(): void {
    this.typed = "";
    this.afterToken = true;
  }

  private async discover(edit: number): Promise<void> {
    this.loading = true;
    try {
      const found = await commands.discoverDomain(this.id, this.typed);
      if (edit === this.edits) this.found = found;
    } catch (thrown) {
      if (edit === this.edits) this.problem = problemOf(thrown);
    } finally {
      if (edit === this.edits) this.loading = false;
    }
  }
}
