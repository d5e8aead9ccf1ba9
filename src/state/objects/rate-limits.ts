import { StateInputError } from '../../model/errors/state-input.error.js';
import { StateOutageError } from '../../model/errors/state-outage.error.js';
import {
  checkName,
  PEEK_RATE_LIMIT_RULES,
  RATE_LIMIT_RULES,
  stateInput,
} from '../state.validation.js';
import type { StateClient } from '../client/state-client.js';
import { KnownOptions } from './known-options.js';
import { perform } from './perform.js';

/** A sliding-window limit. @publicApi */
export interface RateLimitOptions {
  /** The maximum number of calls in any window, 1 to 1,000,000,000. */
  readonly limit: number;
  /** The length of the sliding window in milliseconds. */
  readonly window: number;
  /** What this call counts as, 1 to `limit`. A call is allowed if all of it fits into the window. @defaultValue 1 */
  readonly cost?: number | undefined;
  /**
   * What happens when the backend does not answer: `'allow'` or `'refuse'` the call. Without it, the call rejects with a
   * `StateOutageError`.
   */
  readonly onOutage?: 'allow' | 'refuse' | undefined;
}

/** The limit that `SharedState.peekRateLimit()` reads. @publicApi */
export type PeekRateLimitOptions = Pick<RateLimitOptions, 'limit' | 'window' | 'cost'>;

/** The result of `SharedState.rateLimit()`. @publicApi */
export interface RateLimitResult {
  /** Whether the call is allowed. Only allowed calls are counted. */
  readonly allowed: boolean;
  /** What is left: the number of further calls with a cost of 1 that are allowed now. */
  readonly remaining: number;
  /** Milliseconds until the oldest counted calls leave the window and allow new ones; for `Retry-After`. */
  readonly resetAfter: number;
}

/** Options that were checked. */
interface Terms {
  readonly limit: number;
  readonly window: number;
  readonly cost: number | undefined;
}

const A_LIMIT = 'a limit';

/**
 * The rate limits of one client.
 *
 * @internal
 */
export class RateLimits {
  readonly #known = new KnownOptions('The limit');

  constructor(private readonly client: StateClient) {}

  /** Checks a limit, and counts the call if it is allowed. */
  async hit(key: string, options: RateLimitOptions): Promise<RateLimitResult> {
    checkName(key, 'The key of a limit');
    const { onOutage, ...terms } = stateInput.options(RATE_LIMIT_RULES, '', key, options);
    this.#check(key, terms);
    const { limit, window, cost = 1 } = terms;
    try {
      const { allowed, remaining, resetAfter } = await perform(this.client, A_LIMIT, {
        name: 'hit',
        key,
        count: 1,
        ...(cost > 1 && { cost }),
        limit,
        window,
      });
      return { allowed: allowed > 0, remaining, resetAfter };
    } catch (error) {
      if (onOutage === undefined || !(error instanceof StateOutageError)) {
        throw error;
      }
      return onOutage === 'allow'
        ? { allowed: true, remaining: limit - cost, resetAfter: 0 }
        : { allowed: false, remaining: 0, resetAfter: window };
    }
  }

  async peek(key: string, options: PeekRateLimitOptions): Promise<RateLimitResult> {
    checkName(key, 'The key of a limit');
    const terms = stateInput.options(PEEK_RATE_LIMIT_RULES, '', key, options);
    this.#check(key, terms);
    const { limit, window, cost = 1 } = terms;
    const state = await perform(this.client, A_LIMIT, { name: 'hitPeek', key, limit, window });
    return { allowed: state.remaining >= cost, ...state };
  }

  async reset(key: string): Promise<boolean> {
    checkName(key, 'The key of a limit');
    this.#known.forget(key);
    return perform(this.client, A_LIMIT, { name: 'hitReset', key });
  }

  /** @throws StateInputError if the options contradict themselves or those of an earlier call */
  #check(key: string, { limit, window, cost = 1 }: Terms): void {
    if (cost > limit) {
      throw new StateInputError(
        key,
        `A cost of ${cost} never fits the limit "${key}" of ${limit}. Use a cost of at most ${limit}.`,
      );
    }
    this.#known.check(key, { limit, window });
  }
}
