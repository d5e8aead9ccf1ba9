import { LIMIT_BYTES, STEP_BYTES, textBytes } from './structures/byte-sizes.js';
import { ExpiringMap, type Expiring } from './structures/expiring-map.js';
import type { Handlers } from './memory-handlers.js';
import type { MemoryClock } from './memory-clock.js';
import { quantumOf } from '../../sliding-window.js';
import type { MemoryBudget } from './memory-budget.js';

/** The hits in the window of one rate limit, by steps, oldest first, with the time of the last hit of each step. */
interface Window extends Expiring {
  readonly hits: { at: number; count: number }[];
  total: number;
}

/** @internal */
export type LimitSpace = ExpiringMap<Window>;

/** @internal */
export function limitSpace(clock: Pick<MemoryClock, 'now'>, budget: MemoryBudget): LimitSpace {
  return new ExpiringMap(clock, budget);
}

/** @internal */
export const limitHandlers: Handlers<'hit' | 'hitPeek' | 'hitReset', LimitSpace> = {
  hit: (limits, { key, count, cost = 1, limit, window: length }, now) => {
    const known = limits.get(key, now);
    const window = known ?? newWindow(key);
    while (window.hits[0] && window.hits[0].at + length <= now) {
      window.total -= window.hits.shift()!.count;
      limits.resize(window, window.bytes - STEP_BYTES);
    }
    const allowed = Math.max(0, Math.min(count, Math.floor((limit - window.total) / cost)));
    const counted = allowed * cost;
    if (allowed > 0) {
      const quantum = quantumOf(length);
      const last = window.hits.at(-1);
      const goesOn = last && Math.floor(last.at / quantum) === Math.floor(now / quantum);
      if (goesOn) {
        last.at = now;
        last.count += counted;
      } else {
        if (!limits.budget.fits(STEP_BYTES + (known ? 0 : window.bytes))) {
          return limits.budget.full();
        }
        if (!known) {
          limits.add(window);
        }
        window.hits.push({ at: now, count: counted });
        limits.resize(window, window.bytes + STEP_BYTES);
      }
      window.total += counted;
      limits.expire(window, now + length);
    }
    return {
      allowed,
      remaining: Math.max(0, limit - window.total),
      resetAfter: window.hits[0] ? window.hits[0].at + length - now : 0,
    };
  },

  hitPeek: (limits, { key, limit, window: length }, now) => {
    const hits = (limits.get(key, now)?.hits ?? []).filter(({ at }) => at + length > now);
    const total = hits.reduce((sum, { count }) => sum + count, 0);
    return {
      remaining: Math.max(0, limit - total),
      resetAfter: hits[0] ? hits[0].at + length - now : 0,
    };
  },

  hitReset: (limits, { key }, now) => {
    const window = limits.get(key, now);
    if (window) {
      limits.delete(window);
    }
    return window !== undefined;
  },
};

function newWindow(key: string): Window {
  const bytes = LIMIT_BYTES + textBytes(key);
  return { key, expiresAt: Infinity, due: undefined, bytes, hits: [], total: 0 };
}
