/**
 * Remembers which tickets were used, as long as they are valid.
 *
 * @internal
 */
export class UsedTickets {
  /** From tickets to when they are forgotten, the oldest first. */
  readonly #used = new Map<string, number>();

  /** @param validity milliseconds after which a ticket that was accepted is refused for its age */
  constructor(private readonly validity: number) {}

  /**
   * Notes that a ticket is used.
   *
   * @returns whether it is its first use
   */
  use(ticket: string, now: number): boolean {
    for (const [old, until] of this.#used) {
      if (until > now) {
        break;
      }
      this.#used.delete(old);
    }
    const isFirst = !this.#used.has(ticket);
    if (isFirst) {
      this.#used.set(ticket, now + this.validity);
    }
    return isFirst;
  }
}
