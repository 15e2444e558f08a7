/**
 * What this window put on the clipboard and what becomes of it. The value itself never comes here: the app copies it and tells
 * the countdown.
 */
import { problemOf, type Host, type Unlisten } from "../host/problem";
import type { ClipboardNews, Copied, CopyWhat, Problem } from "../host/model";
import { unlessCancelled } from "./reauthentication.svelte";

/** The clipboard as one guide uses it. */
export class Clipboard {
  what = $state<CopyWhat | null>(null);
  copied = $state.raw<Copied | null>(null);
  news = $state.raw<ClipboardNews | null>(null);
  /** Why the token was not copied. It is told beside its button. */
  problem = $state.raw<Problem | null>(null);
  /** Whether the clipboard still holds the token that was pasted; then clearing is offered. */
  holdsSecret = $state(false);

  constructor(
    private readonly host: Host,
    private readonly id: string,
  ) {}

  /** Follows the countdown until the returned function is called. */
  listen(): Unlisten {
    let stop: Unlisten = () => undefined;
    let ended = false;
    void this.host
      .onClipboardNews((news) => (this.news = news))
      .then((unlisten) => {
        if (ended) unlisten();
        else stop = unlisten;
      });
    return () => {
      ended = true;
      stop();
    };
  }

  async copy(what: CopyWhat): Promise<void> {
    this.news = null;
    this.problem = null;
    this.copied = await this.host.copyValue(this.id, what);
    this.what = what;
  }

  /** Copies the API token, which the system may ask about first. */
  async copyToken(): Promise<void> {
    try {
      await this.copy("api_token");
    } catch (thrown) {
      this.what = null;
      this.problem = unlessCancelled(problemOf(thrown));
    }
  }

  async look(): Promise<void> {
    this.holdsSecret = await this.host.clipboardHoldsSecret(this.id);
  }

  async clear(): Promise<void> {
    await this.host.clearClipboard();
    this.holdsSecret = false;
    this.news = { state: "cleared", seconds_left: 0 };
  }
}
