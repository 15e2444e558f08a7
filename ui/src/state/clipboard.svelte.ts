/**
 * What this window put on the clipboard and what happens to it. The value itself never reaches the window: the app copies it and
 * reports the countdown.
 */
import { commands, events, type Unlisten } from "../host/commands";
import type { ClipboardCountdown, Copied, CopyItem, Problem } from "../host/model";
import { problemOf } from "../host/problem";
import { unlessCanceled } from "./reauthentication.svelte";

/** The clipboard as one guide uses it. */
export class Clipboard {
  what = $state<CopyItem | null>(null);
  copied = $state.raw<Copied | null>(null);
  news = $state.raw<ClipboardCountdown | null>(null);
  /** Why the token was not copied, shown beside its button. */
  problem = $state.raw<Problem | null>(null);
  /** Whether the clipboard still holds the token that was pasted; the window then offers to clear it. */
  holdsSecret = $state(false);

  constructor(private readonly id: string) {}

  /** Follows the countdown until the returned function is called. */
  listen(): Unlisten {
    const listening = events.clipboardNews.listen(({ payload }) => (this.news = payload));
    return () => void listening.then((unlisten) => unlisten());
  }

  async copy(what: CopyItem): Promise<void> {
    this.news = null;
    this.problem = null;
    this.copied = await commands.copyValue(this.id, what);
    this.what = what;
  }

  /** Copies the API token; the system may ask the person to re-authenticate first. */
  async copyToken(): Promise<void> {
    try {
      await this.copy("api_token");
    } catch (thrown) {
      this.what = null;
      this.problem = unlessCanceled(problemOf(thrown));
    }
  }

  async checkForSecret(): Promise<void> {
    this.holdsSecret = await commands.clipboardHoldsSecret(this.id);
  }

  async clear(): Promise<void> {
    await commands.clearClipboard();
    this.holdsSecret = false;
    this.news = { state: "cleared", seconds_left: 0 };
  }
}
