/**
 * Changes made faster than the app answers. They are sent one after another in the order they were made, and the newest choice
 * stays on screen meanwhile: a late answer to an earlier choice never replaces it.
 */

/** Runs actions one after another. A failed action does not stop the ones after it. */
export class SerialQueue {
  private tail: Promise<unknown> = Promise.resolve();

  enqueue<T>(action: () => Promise<T>): Promise<T> {
    const result = this.tail.then(action);
    this.tail = result.catch(() => undefined);
    return result;
  }
}

/** A value that the app stores and that is changed piece by piece. A refused change is dropped; the others stay. */
export class OptimisticValue<T> {
  private readonly queue = new SerialQueue();
  private pending: ((value: T) => T)[] = [];

  /** `stored` is the app's value; `show` is called with every value to be shown. */
  constructor(
    private stored: T,
    private readonly show: (value: T) => void,
  ) {}

  /** Shows the value with `change` applied, and sends it when its turn comes. Fails when sending fails. */
  change(change: (value: T) => T, send: (wanted: T) => Promise<T>): Promise<void> {
    this.pending = [...this.pending, change];
    this.publish();
    return this.queue.enqueue(async () => {
      try {
        this.stored = await send(change(this.stored));
      } finally {
        this.pending = this.pending.filter((one) => one !== change);
        this.publish();
      }
    });
  }

  /** Loads the stored value when its turn comes, as it may have been changed elsewhere; pending changes stay visible. */
  reload(load: () => Promise<T>): Promise<void> {
    return this.queue.enqueue(async () => {
      this.stored = await load();
      this.publish();
    });
  }

  private publish(): void {
    this.show(this.pending.reduce((value, change) => change(value), this.stored));
  }
}
