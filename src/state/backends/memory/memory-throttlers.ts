import type { Operation, Operations } from '../../operation.js';
import { LIMIT_BYTES, STEP_BYTES, textBytes } from './structures/byte-sizes.js';
import { type Expiring, ExpiringMap } from './structures/expiring-map.js';
import type { MemoryBudget } from './memory-budget.js';
import type { MemoryClock } from './memory-clock.js';
import type { Handlers } from './memory-handlers.js';

/** Hits that expire at the same time. */
interface Hits {
  readonly expiresAt: number;
  count: number;
}

/** The hits of one key, by throttler. All throttlers of a key share its window and its block. */
interface Throttle extends Expiring {
  readonly hits: Map<string, Hits[]>;
  windowEnds: number;
  blockEnds: number;
  isBlocked: boolean;
}

/** A block is remembered for this long after its end, because its end resets the hits. */
const AFTER_BLOCK_MILLISECONDS = 60_000;

/** @internal */
export type ThrottlerSpace = ExpiringMap<Throttle>;

/** @internal */
export function throttlerSpace(
  clock: Pick<MemoryClock, 'now'>,
  budget: MemoryBudget,
): ThrottlerSpace {
  return new ExpiringMap(clock, budget);
}

/** @internal */
export const throttlerHandlers: Handlers<'throttle', ThrottlerSpace> = {
  throttle: (space, operation, now) => {
    const { key, throttler, ttl } = operation;
    const known = space.get(key, now);
    // Before anything is changed: one more entry for the hits that are counted now.
    const growth = STEP_BYTES + (known ? 0 : throttleBytes(key, 0));
    if (!space.budget.fits(growth)) {
      return space.budget.full();
    }
    const throttle = known ?? newThrottle(key, now + ttl);
    if (!known) {
      space.add(throttle);
    }
    const hits = (throttle.hits.get(throttler) ?? []).filter(({ expiresAt }) => expiresAt > now);
    throttle.hits.set(throttler, hits);
    if (throttle.windowEnds <= now) {
      throttle.windowEnds = now + ttl;
    }
    const result =
      operation.block > 0
        ? countWithBlock(throttle, hits, operation, now)
        : countWithoutBlock(throttle, hits, operation, now);
    expire(space, throttle);
    return { ...result, expiresIn: throttle.windowEnds - now };
  },
};

type Counted = Omit<Operations['throttle']['gives'], 'expiresIn'>;

/** Hits above the limit are not stored. */
function countWithoutBlock(
  { windowEnds }: Throttle,
  hits: Hits[],
  { count, ttl, limit }: Operation<'throttle'>,
  now: number,
): Counted {
  const before = sum(hits);
  const first = Math.max(0, limit - before);
  add(hits, now + ttl, Math.min(count, first));
  const next = hits.reduce((least, { expiresAt }) => Math.min(least, expiresAt), Infinity);
  const blockedFor = (next === Infinity ? windowEnds : next) - now;
  return { before, first, blockedFor, isBlocked: false };
}

/** The first hit above the limit is stored and blocks; those after it are not stored. */
function countWithBlock(
  throttle: Throttle,
  hits: Hits[],
  { count, ttl, limit, block }: Operation<'throttle'>,
  now: number,
): Counted {
  if (throttle.isBlocked && throttle.blockEnds > now) {
    const blockedFor = throttle.blockEnds - now;
    return { before: sum(hits), first: 0, blockedFor, isBlocked: true };
  }
  // The first hit after a block is never refused.
  const isReset = throttle.isBlocked;
  if (isReset) {
    throttle.isBlocked = false;
    hits.length = 0;
  }
  const before = sum(hits);
  const first = Math.max(isReset ? 1 : 0, limit - before);
  add(hits, now + ttl, Math.min(count, first + 1));
  if (count > first) {
    throttle.isBlocked = true;
    throttle.blockEnds = now + block;
  }
  return { before, first, blockedFor: block, isBlocked: false };
}

function sum(hits: readonly Hits[]): number {
  return hits.reduce((total, { count }) => total + count, 0);
}

function add(hits: Hits[], expiresAt: number, count: number): void {
  const last = hits.at(-1);
  if (last?.expiresAt === expiresAt) {
    last.count += count;
  } else if (count > 0) {
    hits.push({ expiresAt, count });
  }
}

/** Has a throttle expire when it says no more than a new one. */
function expire(space: ThrottlerSpace, throttle: Throttle): void {
  const { key, hits, windowEnds, isBlocked, blockEnds } = throttle;
  let last = Math.max(windowEnds, isBlocked ? blockEnds + AFTER_BLOCK_MILLISECONDS : 0);
  let entries = 0;
  for (const each of hits.values()) {
    entries += each.length;
    for (const { expiresAt } of each) {
      last = Math.max(last, expiresAt);
    }
  }
  space.resize(throttle, throttleBytes(key, entries));
  space.expire(throttle, last);
}

function throttleBytes(key: string, entries: number): number {
  return LIMIT_BYTES + textBytes(key) + entries * STEP_BYTES;
}

function newThrottle(key: string, windowEnds: number): Throttle {
  return {
    key,
    expiresAt: Infinity,
    due: undefined,
    bytes: throttleBytes(key, 0),
    hits: new Map(),
    windowEnds,
    blockEnds: 0,
    isBlocked: false,
  };
}
