import { checkName, RATE_LIMIT_RULES, stateInput } from '../state.validation.js';
import type { StateClient } from '../client/state-client.js';
import { perform } from './perform.js';

/** A sliding-window limit. @publicApi */
export interface RateLimitOptions {
  /** The maximum number of calls in any window, 1 to 1,000,000,000. */
  readonly limit: number;
  /** The length of the sliding window in milliseconds. */
  readonly window: number;
}

/** The result of `SharedState.rateLimit()`. @publicApi */
export interface RateLimitResult {
  /** Whether the call is allowed. Only allowed calls are counted. */
  readonly allowed: boolean;
  /** Number of further calls that are allowed now. */
  readonly remaining: number;
  /** Milliseconds until the oldest counted calls leave the window and allow new ones; for `Retry-After`. */
  readonly resetAfter: number;
}

/**
 * Checks a rate limit, and counts the call if it is allowed.
 *
 * @internal
 */
export async function hit(
  client: StateClient,
  key: string,
  options: RateLimitOptions,
): Promise<RateLimitResult> {
  checkName(key, 'The key of a limit');
  const { limit, window } = stateInput.options(RATE_LIMIT_RULES, '', key, options);
  const { allowed, remaining, resetAfter } = await perform(client, 'a limit', {
    name: 'hit',
    key,
    count: 1,
    limit,
    window,
  });
  return { allowed: allowed > 0, remaining, resetAfter };
}
