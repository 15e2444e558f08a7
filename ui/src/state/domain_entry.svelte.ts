/**
 * The Okta domain as it is typed: read at once (nothing is sent), then the org is asked after a short rest. A late answer to an
 * earlier text is dropped.
 */
import { problemOf, type Host } from "../host/problem";
import type { DomainReading, OrgFound, Problem } from "../host/model";

/** How long the typing rests before Okta is asked, in milliseconds. */
const REST_MS = 500;
/** The beginning of an API token, which is no address yet: typed key by key it must not be looked up. An org called so is asked on Continue. */
const MAY_BECOME_TOKEN = /^\s*(ssws\s+)?00[\w-]*\s*$/i;

/** The domain field of one guide. */
export class DomainEntry {
  typed = $state("");
  reading = $state.raw<DomainReading | null>(null);
  found = $state.raw<OrgFound | null>(null);
  problem = $state.raw<Problem | null>(null);
  asking = $state(false);
  /** Set when Continue was pressed on an unusable text: then even an unfinished text gets its sentence. */
  refused = $state(false);
  private turn = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly host: Host,
    private readonly id: string,
    typed: string,
  ) {
    this.typed = typed;
  }

  get usable(): boolean {
    return this.reading !== null && this.reading.kind !== "no";
  }

  /** Whether what is typed leads elsewhere than `url`, the kept address. */
  differsFrom(url: string | null): boolean {
    if (url === null) return true;
    return this.turn > 0 && this.found?.url !== url;
  }

  insist(): void {
    this.refused = true;
  }

  async type(text: string): Promise<void> {
    const turn = ++this.turn;
    clearTimeout(this.timer);
    this.typed = text;
    this.found = null;
    this.problem = null;
    this.refused = false;
    this.asking = false;
    const reading = await this.host.readDomain(text);
    if (turn !== this.turn) return;
    this.reading = reading;
    // What looks like a token is not kept on the screen either.
    if (reading.kind === "no" && reading.code === "domain_is_token") this.typed = "";
    if (reading.kind !== "no" && !MAY_BECOME_TOKEN.test(text)) this.timer = setTimeout(() => void this.ask(turn), REST_MS);
  }

  private async ask(turn: number): Promise<void> {
    this.asking = true;
    try {
      const found = await this.host.discoverDomain(this.id, this.typed);
      if (turn === this.turn) this.found = found;
    } catch (thrown) {
      if (turn === this.turn) this.problem = problemOf(thrown);
    } finally {
      if (turn === this.turn) this.asking = false;
    }
  }
}
