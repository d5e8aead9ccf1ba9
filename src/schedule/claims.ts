import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { AmbiguousResultError } from '../model/errors/ambiguous-result.error.js';
import { StateUnavailableError } from '../model/errors/state-unavailable.error.js';
import type { SharedState } from '../state/shared-state.js';
import { monotonicNow } from '../system/time/monotonic-now.js';

/** How long to try while the backend is away, in ms. */
const PATIENCE = 60_000;

const RETRY = 250;

/**
 * Claims: the first worker that makes one has it.
 *
 * @internal
 */
export class Claims {
  constructor(private readonly state: Pick<SharedState, 'get' | 'setIfAbsent' | 'delete'>) {}

  /**
   * Makes a claim. While the backend is away, it tries again for a minute.
   *
   * @param ttl milliseconds after which it can be made again; `undefined` for never
   * @returns whether this worker has it
   * @throws ClusterError if the backend is away for longer
   */
  make(key: string, ttl: number | undefined): Promise<boolean> {
    const id = randomUUID();
    let mayBeApplied = false;
    return patiently(async () => {
      // Of the first attempt, it may be unknown whether it was applied.
      const isRetry = mayBeApplied;
      mayBeApplied = true;
      const options = ttl === undefined ? {} : { ttl };
      return (
        (await this.state.setIfAbsent(key, id, options)) ||
        (isRetry && (await this.state.get(key)) === id)
      );
    });
  }

  /** Whether anybody has made it. */
  async exists(key: string): Promise<boolean> {
    return (await patiently(() => this.state.get(key))) !== undefined;
  }

  /** Gives a claim back, so that another worker can make it. */
  giveBack(key: string): Promise<boolean> {
    return patiently(() => this.state.delete(key));
  }
}

/**
 * Repeats a call while the backend is away.
 *
 * @throws ClusterError if it is away for longer than a minute
 * @internal
 */
export async function patiently<Value>(call: () => Promise<Value>): Promise<Value> {
  const deadline = monotonicNow() + PATIENCE;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isOutage(error) || monotonicNow() >= deadline) {
        throw error;
      }
      await delay(RETRY);
    }
  }
}

function isOutage(error: unknown): boolean {
  return error instanceof StateUnavailableError || error instanceof AmbiguousResultError;
}
