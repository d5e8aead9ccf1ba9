import { ExpiringMap, type Expiring } from './expiring-map.js';
import type { Handlers } from './handlers.js';
import type { MemoryClock } from './memory-clock.js';
import { quantumOf } from '../sliding-window.js';

/** The hits that one limit still counts, by steps, the oldest first: when the last of each came. */
interface Window extends Expiring {
  readonly hits: { at: number; count: number }[];
  total: number;
}

/** @internal */
export type LimitSpace = ExpiringMap<Window>;

/** @internal */
export function limitSpace(clock: Pick<MemoryClock, 'now'>): LimitSpace {
  return new ExpiringMap(clock);
}

/** @internal */
export const limitHandlers: Handlers<'hit', LimitSpace> = {
  hit: (limits, { key, count, limit, window: length }, now) => {
    const window = limits.get(key, now) ?? open(limits, key);
    while (window.hits[0] && window.hits[0].at + length <= now) {
      window.total -= window.hits.shift()!.count;
    }
    const allowed = Math.max(0, Math.min(count, limit - window.total));
    if (allowed > 0) {
      const quantum = quantumOf(length);
      const last = window.hits.at(-1);
      if (last && Math.floor(last.at / quantum) === Math.floor(now / quantum)) {
        last.at = now;
        last.count += allowed;
      } else {
        window.hits.push({ at: now, count: allowed });
      }
      window.total += allowed;
      limits.expire(window, now + length);
    }
    return {
      allowed,
      remaining: Math.max(0, limit - window.total),
      resetAfter: window.hits[0] ? window.hits[0].at + length - now : 0,
    };
  },
};

function open(limits: LimitSpace, key: string): Window {
  const window: Window = { key, expiresAt: Infinity, due: undefined, hits: [], total: 0 };
  limits.add(window);
  return window;
}
