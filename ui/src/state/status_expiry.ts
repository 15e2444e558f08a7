/** When a status that is shown becomes too old, because nobody renewed it. The app judges that; the window only asks again. */
import type { ConnectionView } from "../host/model";

/** The longest wait, because the clock may be set meanwhile. */
const MAX_WAIT_MS = 300_000;
/** The status is valid at its last moment, and no longer after it. */
const AFTERWARDS_MS = 1000;

/** Returns the milliseconds after which the connections are to be loaded again, or null if no status ages. */
export function untilAged(views: readonly ConnectionView[], now: number): number | null {
  const times = views.flatMap((view) => (view.status.valid_until ? [Date.parse(view.status.valid_until)] : []));
  if (times.length === 0) return null;
  return Math.min(Math.max(Math.min(...times) - now, 0) + AFTERWARDS_MS, MAX_WAIT_MS);
}
