import { ServiceUnavailableException } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { StateInputError } from '../model/errors/state-input.error.js';
import { StateOutageError } from '../model/errors/state-outage.error.js';
import { MAX_DURATION } from '../state/max-duration.js';
import { perform } from '../state/objects/perform.js';
import type { SharedState } from '../state/shared-state.js';
import { checkName, ON_OUTAGE_RULES, stateInput } from '../state/state.validation.js';

/** Options of `ClusterThrottlerModule.forRoot()` and of `ClusterThrottlerStorage`. @publicApi */
export interface ClusterThrottlerOptions {
  /**
   * What happens to requests while the backend of the shared state does not answer: `'refuse'` answers them with status
   * 503, and `'allow'` does not limit them. @defaultValue 'refuse'
   */
  readonly onOutage?: 'allow' | 'refuse' | undefined;
}

type Hit = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** The longest name of a throttler. */
const MAX_NAME = 1_024;

/**
 * A storage of `@nestjs/throttler` whose hits all workers share, and with Redis all hosts. It answers as the storage of
 * that package does in a single process.
 *
 * `ClusterThrottlerModule` uses it for the default storage. Create it yourself to configure the storage:
 *
 * ```ts
 * ThrottlerModule.forRootAsync({
 *   inject: [SharedState],
 *   useFactory: (state: SharedState) => ({
 *     throttlers: [{ limit: 10, ttl: 60_000 }],
 *     storage: new ClusterThrottlerStorage(state),
 *   }),
 * });
 * ```
 *
 * @publicApi
 */
export class ClusterThrottlerStorage implements ThrottlerStorage {
  readonly #onOutage: 'allow' | 'refuse';

  /** @throws StateInputError for an invalid option */
  constructor(
    private readonly state: SharedState,
    options: ClusterThrottlerOptions = {},
  ) {
    const { onOutage = 'refuse' } = stateInput.options(
      ON_OUTAGE_RULES,
      'the storage',
      'throttler',
      options,
    );
    this.#onOutage = onOutage;
  }

  /**
   * Counts a hit.
   *
   * With `blockDuration` 0, the window slides: a hit above the limit is refused and not stored. With a longer one, a hit
   * above the limit refuses all hits for that time.
   *
   * @param ttl milliseconds after which the hit no longer counts
   * @param blockDuration milliseconds
   * @returns the number of hits, including this one, and times in whole seconds, rounded up. `timeToBlockExpire` is 0
   * unless `isBlocked`
   * @throws ServiceUnavailableException if the backend does not answer, with `onOutage: 'refuse'`
   */
  async increment(
    key: string,
    ttl: number,
    limit: number,
    blockDuration: number,
    throttlerName: string,
  ): Promise<Hit> {
    checkName(key, 'The key of a throttler');
    if (typeof throttlerName !== 'string' || throttlerName.length > MAX_NAME) {
      throw new StateInputError(
        key,
        `The name of the throttler of "${key}" must be a string of at most ${MAX_NAME} characters.`,
      );
    }
    const block = milliseconds(blockDuration);
    try {
      const hit = await perform(this.state.stateClient, 'a throttler', {
        name: 'throttle',
        key,
        throttler: throttlerName,
        count: 1,
        ttl: milliseconds(ttl),
        // A hit is refused from this limit on, or above it with a block.
        limit: whole(block > 0 ? Math.floor(limit) : Math.ceil(limit)),
        block,
      });
      return {
        totalHits: hit.totalHits,
        timeToExpire: seconds(hit.expiresIn),
        isBlocked: hit.isBlocked,
        timeToBlockExpire: seconds(hit.blockedFor),
      };
    } catch (error) {
      if (!(error instanceof StateOutageError)) {
        throw error;
      }
      if (this.#onOutage === 'allow') {
        return { totalHits: 0, timeToExpire: seconds(ttl), isBlocked: false, timeToBlockExpire: 0 };
      }
      throw new ServiceUnavailableException('The rate limit cannot be checked. Try again later.', {
        cause: error,
      });
    }
  }
}

/** Limits above this are as good as none. */
const MOST = 1_000_000_000_000;

function whole(value: number): number {
  return Number.isNaN(value) ? 0 : Math.min(MOST, Math.max(0, value));
}

function milliseconds(value: number): number {
  return Math.min(MAX_DURATION, whole(Math.ceil(value)));
}

function seconds(time: number): number {
  return Math.ceil(time / 1_000);
}
