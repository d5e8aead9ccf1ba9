/**
 * When the fields of one map expire. Fields with the same time to live are kept in the order of their expiry, so that
 * those that have expired are found at the front.
 *
 * @internal
 */
export class FieldExpiries {
  readonly #at = new Map<string, number>();
  /** Whether the order of the entries is the order of their expiry. */
  #isOrdered = true;
  #first = Infinity;
  #last = -Infinity;

  /** Number of fields that expire. */
  get size(): number {
    return this.#at.size;
  }

  /** When the first field expires, or earlier. */
  get first(): number {
    return this.#first;
  }

  /** When the last field expires, or later. */
  get last(): number {
    return this.#last;
  }

  has(field: string): boolean {
    return this.#at.has(field);
  }

  set(field: string, expiresAt: number): void {
    this.delete(field);
    this.#isOrdered &&= expiresAt >= this.#last;
    this.#first = Math.min(this.#first, expiresAt);
    this.#last = Math.max(this.#last, expiresAt);
    this.#at.set(field, expiresAt);
  }

  delete(field: string): void {
    this.#at.delete(field);
    if (this.#at.size === 0) {
      this.#isOrdered = true;
      this.#first = Infinity;
      this.#last = -Infinity;
    }
  }

  /** Removes the fields that have expired, and returns them. */
  takeExpired(now: number): string[] {
    const expired: string[] = [];
    this.#first = Infinity;
    for (const [field, expiresAt] of this.#at) {
      if (expiresAt <= now) {
        expired.push(field);
      } else {
        this.#first = Math.min(this.#first, expiresAt);
        if (this.#isOrdered) {
          break;
        }
      }
    }
    expired.forEach(field => this.delete(field));
    return expired;
  }
}
