import { deferred, type Deferred } from '../../system/async/deferred.js';
import { within } from '../../system/async/within.js';
import { RecentMap } from '../../system/collections/recent-map.js';

/** The maximum number of publishers; beyond it, the least recent confirmations are dropped. */
const MAX_PUBLISHERS = 10_000;

interface Waiting {
  readonly pattern: string;
  readonly complete: Deferred;
}

/**
 * Which publishers relay their events to the patterns of this member. Each publisher confirms the patterns that it
 * knows, so a publisher whose event loop is blocked confirms late.
 *
 * @internal
 */
export class PatternRelays {
  readonly #confirmed = new RecentMap<string, readonly string[]>(MAX_PUBLISHERS);
  readonly #waiting = new Set<Waiting>();

  /** @param publishers returns the names of all members that may publish */
  constructor(private readonly publishers: () => readonly string[]) {}

  /** Called when a publisher has confirmed all patterns of this member. */
  confirm(publisher: string, patterns: readonly string[]): void {
    this.#confirmed.set(publisher, patterns);
    this.#check();
  }

  /** Called when a member has left. */
  gone(publisher: string): void {
    this.#confirmed.delete(publisher);
    this.#check();
  }

  /** Resolves when all publishers relay to a pattern, or after `timeout` milliseconds. */
  async until(pattern: string, timeout: number): Promise<void> {
    const waiting = { pattern, complete: deferred() };
    this.#waiting.add(waiting);
    this.#check();
    await within(timeout, waiting.complete.promise, () => {});
    this.#waiting.delete(waiting);
  }

  #check(): void {
    const publishers = this.publishers();
    for (const { pattern, complete } of this.#waiting) {
      if (publishers.every(name => this.#confirmed.get(name)?.includes(pattern))) {
        complete.resolve();
      }
    }
  }
}
