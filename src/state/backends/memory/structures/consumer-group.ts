/**
 * A consumer group of a topic log: which member has taken which events, by their numbers.
 *
 * @internal
 */
export class Group {
  /** The member of each pending event, oldest first: a map keeps the order of insertion. */
  readonly #pending = new Map<number, string>();

  constructor(
    /** The number of the last event that was taken. */
    public taken: number,
  ) {}

  /** Number of pending events. */
  get size(): number {
    return this.#pending.size;
  }

  take(n: number, member: string): void {
    this.taken = n;
    this.#pending.set(n, member);
  }

  /** Acknowledges an event. @returns whether it was pending */
  done(n: number): boolean {
    return this.#pending.delete(n);
  }

  /** The members with pending events. */
  get members(): string[] {
    return [...new Set(this.#pending.values())];
  }

  has(member: string): boolean {
    return this.pendingOf(other => other === member).length > 0;
  }

  /**
   * Drops pending events before `first`, which were trimmed, of the members that `isFor` selects.
   *
   * @returns their number
   */
  drop(first: number, isFor: (member: string) => boolean): number {
    const gone = this.pendingOf(isFor).filter(n => n < first);
    gone.forEach(n => this.#pending.delete(n));
    return gone.length;
  }

  /** Moves pending events to the successor. @returns how many it has now */
  pass(successor: string, isFrom: (member: string) => boolean): number {
    const numbers = this.pendingOf(isFrom);
    numbers.forEach(n => this.#pending.set(n, successor));
    return numbers.length;
  }

  pendingOf(isFor: (member: string) => boolean): number[] {
    return [...this.#pending].filter(([, member]) => isFor(member)).map(([n]) => n);
  }
}
