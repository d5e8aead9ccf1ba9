import { checkMilliseconds, checkName, checkOptions, checkWhole } from '../state.validation.js';
import type { StateClient } from '../client/state-client.js';
import { perform } from './perform.js';

const MAX_LIMIT = 1_000_000_000;

/** A sliding-window limit. @publicApi */
export interface RateLimitOptions {
  /** How many are allowed within any window, from 1 to a billion. */
  readonly limit: number;
  /** Milliseconds of the window, which slides. */
  readonly window: number;
}

/** Whether a call is within the limit. @publicApi */
export interface RateLimitResult {
  /** Whether the call is allowed. It counts only then. */
  readonly allowed: boolean;
  /** How many more would be allowed now. */
  readonly remaining: number;
  /** Milliseconds until one of those that count leaves the window, and makes room: `Retry-After`. */
  readonly resetAfter: number;
}

/**
 * Asks a limit, and counts the call if it is allowed.
 *
 * @internal
 */
export async function hit(
  client: StateClient,
  key: string,
  options: RateLimitOptions,
): Promise<RateLimitResult> {
  checkName(key, 'The key of a limit');
  checkOptions(key, options, ['limit', 'window']);
  const { limit, window } = options;
  checkWhole(key, 'limit of', limit, 1, MAX_LIMIT);
  checkMilliseconds(key, 'window of', window);
  const { allowed, remaining, resetAfter } = await perform(client, 'a limit', {
    name: 'hit',
    key,
    count: 1,
    limit,
    window,
  });
  return { allowed: allowed > 0, remaining, resetAfter };
}
