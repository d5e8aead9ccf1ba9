/**
 * Those among whom the events of a history are divided, by the numbers of the events.
 *
 * @internal
 */
export class Group {
  /** Who has taken what and is not done with it, the oldest first: nothing changes places in a map. */
  readonly #pending = new Map<number, string>();

  constructor(
    /** Up to which events were taken. */
    public taken: number,
  ) {}

  /** How many events are pending. */
  get size(): number {
    return this.#pending.size;
  }

  take(n: number, member: string): void {
    this.taken = n;
    this.#pending.set(n, member);
  }

  /** @returns whether it was pending */
  done(n: number): boolean {
    return this.#pending.delete(n);
  }

  /** Who has taken something, and is not done with it. */
  get members(): string[] {
    return [...new Set(this.#pending.values())];
  }

  has(member: string): boolean {
    return this.pendingOf(other => other === member).length > 0;
  }

  /** Drops what is pending for some but not there any more, from before `first`. @returns how many */
  drop(first: number, isFor: (member: string) => boolean): number {
    const gone = this.pendingOf(isFor).filter(n => n < first);
    gone.forEach(n => this.#pending.delete(n));
    return gone.length;
  }

  /** @returns how many now belong to the heir */
  pass(heir: string, isFrom: (member: string) => boolean): number {
    const numbers = this.pendingOf(isFrom);
    numbers.forEach(n => this.#pending.set(n, heir));
    return numbers.length;
  }

  pendingOf(isFor: (member: string) => boolean): number[] {
    return [...this.#pending].filter(([, member]) => isFor(member)).map(([n]) => n);
  }
}
