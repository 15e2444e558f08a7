/**
 * Choices made faster than the host answers. They are put one after another, in the order they were made, and what was chosen last
 * is shown all the while: a late answer to an earlier choice never takes its place.
 */

/** One thing after another. What fails keeps nothing after it from being done. */
export class Turns {
  private line: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.line.then(work);
    this.line = turn.catch(() => undefined);
    return turn;
  }
}

/** A value that the host keeps and that is changed piece by piece. A piece that is refused falls out; the others stay. */
export class Choices<T> {
  private readonly turns = new Turns();
  private waiting: ((value: T) => T)[] = [];

  /** `kept` is what the host keeps; `show` is told whenever something else is to be shown. */
  constructor(
    private kept: T,
    private readonly show: (value: T) => void,
  ) {}

  /** Shows the value with `change` made to it, and puts it when its turn comes. Fails as putting it does. */
  change(change: (value: T) => T, put: (wanted: T) => Promise<T>): Promise<void> {
    this.waiting = [...this.waiting, change];
    this.tell();
    return this.turns.take(async () => {
      try {
        this.kept = await put(change(this.kept));
      } finally {
        this.waiting = this.waiting.filter((one) => one !== change);
        this.tell();
      }
    });
  }

  /** Reads what the host keeps, which may have been changed elsewhere, when the turn comes; what is still to be put stays shown. */
  hear(read: () => Promise<T>): Promise<void> {
    return this.turns.take(async () => {
      this.kept = await read();
      this.tell();
    });
  }

  private tell(): void {
    this.show(this.waiting.reduce((value, change) => change(value), this.kept));
  }
}
