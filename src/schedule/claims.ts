import { randomUUID } from 'node:crypto';
import type { SharedState } from '../state/shared-state.js';
import { patiently } from './patiently.js';

/**
 * Claims: the first worker that makes one has it.
 *
 * @internal
 */
export class Claims {
  constructor(private readonly state: Pick<SharedState, 'get' | 'setIfAbsent' | 'delete'>) {}

  /**
   * Makes a claim. While the backend is unavailable or full, it tries again for a minute.
   *
   * @param ttl milliseconds after which it can be made again
   * @param id is stored, and differs for each attempt to make the claim
   * @returns whether this worker has it
   * @throws ClusterError if the backend is so for longer
   */
  make(key: string, ttl: number, id: string = randomUUID()): Promise<boolean> {
    let mayBeApplied = false;
    return patiently(async () => {
      // Of the first attempt, it may be unknown whether it was applied.
      const isRetry = mayBeApplied;
      mayBeApplied = true;
      return (
        (await this.state.setIfAbsent(key, id, { ttl })) ||
        (isRetry && (await this.state.get(key)) === id)
      );
    });
  }

  /** Whether anybody has made it. */
  async exists(key: string): Promise<boolean> {
    return (await this.idOf(key)) !== undefined;
  }

  /** Returns the id with which it was made. */
  idOf(key: string): Promise<string | undefined> {
    return patiently(() => this.state.get<string>(key));
  }

  /** Gives a claim back, so that another worker can make it. */
  giveBack(key: string): Promise<boolean> {
    return patiently(() => this.state.delete(key));
  }
}
