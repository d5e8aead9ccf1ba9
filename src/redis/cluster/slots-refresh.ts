import { monotonicNow } from '../../system/time/monotonic-now.js';
import type { RedisCluster } from '../connection/redis-client.interface.js';

/** Minimum milliseconds between two refreshes, each of which opens a connection. */
const PAUSE = 250;

/**
 * Asks a Redis Cluster which nodes have its slots now. While a node is away, each attempt to reach it asks.
 *
 * @internal
 */
export class SlotsRefresh {
  #last = -Infinity;

  constructor(
    private readonly cluster: Pick<RedisCluster, 'refreshSlotsCache'>,
    private readonly now: () => number = monotonicNow,
  ) {}

  /** Asks, unless that was done a moment ago. */
  request(): void {
    const now = this.now();
    if (now - this.#last >= PAUSE) {
      this.#last = now;
      this.cluster.refreshSlotsCache(() => {});
    }
  }
}
