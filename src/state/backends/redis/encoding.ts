import { CLAIM_MILLISECONDS, clientOf } from '../../client/lock-owner.js';
import {
  isRead,
  type Kind,
  type LockAnswer,
  type Operation,
  type OperationFailure,
  type OperationName,
  type OperationResult,
  type Operations,
} from '../../operation.js';
import { isDeniedInScript } from '../../../redis/connection/refusal-scope.js';
import { quantumOf } from '../../sliding-window.js';
import type { UnreadableResult } from '../../state-executor.interface.js';
import { text } from '../../../validation/shape/scalars.js';
import { either, list, nullable } from '../../../validation/shape/structures.js';
import type { Shape } from '../../../validation/shape/shape.js';
import { stateMessages } from '../../state.messages.js';
import { asBoolean, asPairs, type Encoding, type Encodings } from './encoding.interface.js';
import { HISTORY_ENCODINGS } from './history-encodings.js';
import type { RedisKeys } from './redis-keys.js';
import { decimal, flag, listOf, lockAnswer, texts, whole } from './reply-shapes.js';

const TYPES: Record<Kind, string> = { value: 'string', map: 'hash', leaderboard: 'zset' };

/** The keys of a value of any type, of its time to live, and of the fields of a map that expire. */
const atAny = ({ key }: { readonly key: string }, keys: RedisKeys): string[] => [
  keys.data(key),
  keys.of('life', key),
  keys.of('fields', key),
];

const atData = ({ key }: { readonly key: string }, keys: RedisKeys): string[] => [keys.data(key)];

/** The keys of a value and of its time to live. */
const atValue = ({ key }: { readonly key: string }, keys: RedisKeys): string[] => [
  keys.data(key),
  keys.of('life', key),
];

const atCache = ({ key }: { readonly key: string }, keys: RedisKeys): string[] => [
  keys.of('cache', key),
  keys.of('cache-uses', key),
  keys.of('cache-bytes', key),
];

const atLimit = ({ key }: { readonly key: string }, keys: RedisKeys): string[] => [
  keys.of('hits', key),
];

const atLock = (
  { key, owner }: { readonly key: string; readonly owner: string },
  keys: RedisKeys,
): string[] => [
  keys.of('lock', key),
  keys.of('lock-queue', key),
  keys.of('lock-waits', key),
  keys.ofPartition('lock-token', key),
  keys.ofPartition(`held-${clientOf(owner)}`, key),
];

const atSemaphore = (
  operation: { readonly key: string; readonly owner: string },
  keys: RedisKeys,
): string[] => [
  keys.of('permits', operation.key),
  ...atLock(operation, keys).slice(1),
  keys.of('permit-leases', operation.key),
];

/** The total, or the value after each increment, with `null` for those that were not applied. */
const change = either('a whole number, or a list of them', whole(), list(nullable(whole())));

const pairsOf = (second: Shape<unknown>): Shape<readonly unknown[]> => listOf([], [text(), second]);

const ENCODINGS: Encodings<OperationName> = {
  get: { reply: nullable(text()), keys: atValue, args: () => ['get'] },
  has: { reply: flag, keys: atAny, args: () => ['has'], read: asBoolean },
  set: {
    reply: flag,
    keys: atValue,
    args: ({ value, ttl = '', unless = '' }) => ['set', value, ttl, unless],
    read: asBoolean,
  },
  setIfAbsent: {
    reply: flag,
    keys: atValue,
    args: ({ value, ttl = '' }) => ['setIfAbsent', value, ttl],
    read: asBoolean,
  },
  replace: {
    reply: flag,
    keys: atValue,
    args: ({ expected, value, ttl = '' }) => [
      'replace',
      expected === null ? '' : `=${expected}`,
      value ?? '',
      ttl,
    ],
    read: asBoolean,
  },
  delete: {
    reply: flag,
    keys: atAny,
    args: ({ only }) => ['delete', only ? TYPES[only] : ''],
    read: asBoolean,
  },
  ttl: { reply: nullable(whole(0)), keys: atAny, args: () => ['ttl'], read: Number },
  expire: {
    reply: flag,
    keys: atAny,
    args: ({ ttl }) => ['expire', ttl ?? ''],
    read: asBoolean,
  },
  increment: { reply: change, keys: atValue, args: incrementWords, read: asChange },

  mapGet: { reply: nullable(text()), keys: atAny, args: ({ field }) => ['mapGet', field] },
  mapHas: { reply: flag, keys: atAny, args: ({ field }) => ['mapHas', field], read: asBoolean },
  mapSet: {
    reply: flag,
    keys: atAny,
    args: ({ field, value, ttl = '' }) => ['mapSet', field, value, ttl],
    read: asBoolean,
  },
  mapDelete: {
    reply: flag,
    keys: atAny,
    args: ({ field }) => ['mapDelete', field],
    read: asBoolean,
  },
  mapIncrement: {
    reply: whole(),
    keys: atAny,
    args: ({ field, by }) => ['mapIncrement', field, by],
    read: Number,
  },
  mapEntries: { reply: pairsOf(text()), keys: atAny, args: () => ['mapEntries'], read: asPairs },
  mapSize: { reply: whole(0), keys: atAny, args: () => ['mapSize'], read: Number },

  scoreSet: {
    reply: flag,
    keys: atData,
    args: ({ member, score }) => ['scoreSet', member, score],
    read: asBoolean,
  },
  scoreIncrement: {
    reply: decimal,
    keys: atData,
    args: ({ member, by }) => ['scoreIncrement', member, by],
    read: Number,
  },
  scoreRemove: {
    reply: flag,
    keys: atData,
    args: ({ member }) => ['scoreRemove', member],
    read: asBoolean,
  },
  scoreGet: {
    reply: nullable(decimal),
    keys: atData,
    args: ({ member }) => ['scoreGet', member],
    read: Number,
  },
  scoreRank: {
    reply: nullable(whole(0)),
    keys: atData,
    args: ({ member }) => ['scoreRank', member],
    read: Number,
  },
  scoreTop: {
    reply: pairsOf(decimal),
    keys: atData,
    args: ({ count }) => ['scoreTop', count],
    read: (reply: string[]) => asPairs(reply).map(([member, score]) => [member, Number(score)]),
  },
  scoreSize: { reply: whole(0), keys: atData, args: () => ['scoreSize'], read: Number },

  hit: {
    reply: listOf([whole(0), whole(0), whole(0)]),
    keys: atLimit,
    args: ({ count, cost = 1, limit, window }) => [
      'hit',
      count,
      cost,
      limit,
      window,
      quantumOf(window),
    ],
    read: ([allowed, remaining, resetAfter]: readonly (number | string)[]) => ({
      allowed: Number(allowed),
      remaining: Number(remaining),
      resetAfter: Number(resetAfter),
    }),
  },
  hitPeek: {
    reply: listOf([whole(0), whole(0)]),
    keys: atLimit,
    args: ({ limit, window }) => ['hitPeek', limit, window],
    read: (reply: readonly number[]) => {
      const [remaining, resetAfter] = reply.map(Number) as [number, number];
      return { remaining, resetAfter };
    },
  },
  hitReset: { reply: flag, keys: atLimit, args: () => ['hitReset'], read: asBoolean },
  throttle: {
    reply: listOf([whole(0), whole(0), whole(0), whole(0), flag]),
    keys: ({ key }, keys) => [keys.of('throttle', key)],
    args: ({ throttler, count, ttl, limit, block }) => [
      'throttle',
      throttler,
      count,
      ttl,
      limit,
      block,
    ],
    read: ([before, first, expiresIn, blockedFor, isBlocked]: readonly (number | string)[]) => ({
      before: Number(before),
      first: Number(first),
      expiresIn: Number(expiresIn),
      blockedFor: Number(blockedFor),
      isBlocked: Number(isBlocked) === 1,
    }),
  },
  cacheGet: {
    reply: nullable(listOf([text(), text(), whole(0)])),
    keys: atCache,
    args: ({ field }) => ['cacheGet', field],
    read: ([value, freshFor, version]: readonly [string, string, string]) => ({
      value,
      freshFor: freshFor === '' ? null : Number(freshFor),
      version: Number(version),
    }),
  },
  cacheSet: {
    reply: whole(0),
    keys: atCache,
    args: ({ field, value, ttl = '', stale, maxEntries, maxBytes = '' }) => [
      'cacheSet',
      field,
      value,
      ttl,
      stale,
      maxEntries,
      maxBytes,
    ],
    read: Number,
  },
  cacheDelete: {
    reply: flag,
    keys: atCache,
    args: ({ field }) => ['cacheDelete', field],
    read: asBoolean,
  },
  cacheKeys: { reply: texts, keys: atCache, args: ({ prefix }) => ['cacheKeys', prefix] },
  cacheClear: {
    reply: flag,
    keys: atCache,
    args: ({ prefix }) => ['cacheClear', prefix],
    read: asBoolean,
  },

  lockAcquire: {
    reply: lockAnswer,
    keys: atLock,
    args: ({ key, owner, lease, wait }, keys) => [
      'lockAcquire',
      key,
      owner,
      lease,
      wait,
      keys.grantChannel(''),
      CLAIM_MILLISECONDS,
    ],
    read: asLockAnswer,
  },
  lockRenew: {
    reply: flag,
    keys: atLock,
    args: ({ owner, lease }) => ['lockRenew', owner, lease],
    read: asBoolean,
  },
  lockRelease: {
    reply: flag,
    keys: atLock,
    args: ({ owner }, keys) => ['lockRelease', owner, keys.grantChannel(''), CLAIM_MILLISECONDS],
    read: asBoolean,
  },
  lockHeld: {
    reply: pairsOf(text()),
    keys: ({ key, client }, keys) => [keys.ofPartition(`held-${client}`, key)],
    args: () => ['lockHeld'],
    read: (reply: string[]) => asPairs(reply).map(([owner, lock]) => [lock, owner]),
  },

  permitAcquire: {
    reply: lockAnswer,
    keys: atSemaphore,
    args: ({ key, owner, permits, lease, wait }, keys) => [
      'permitAcquire',
      key,
      owner,
      permits,
      lease,
      wait,
      keys.grantChannel(''),
      CLAIM_MILLISECONDS,
    ],
    read: asLockAnswer,
  },
  permitRenew: {
    reply: flag,
    keys: atSemaphore,
    args: ({ owner, lease }) => ['permitRenew', owner, lease],
    read: asBoolean,
  },
  permitRelease: {
    reply: flag,
    keys: atSemaphore,
    args: ({ owner, permits = '' }, keys) => [
      'permitRelease',
      owner,
      permits,
      keys.grantChannel(''),
      CLAIM_MILLISECONDS,
    ],
    read: asBoolean,
  },

  ...HISTORY_ENCODINGS,
};

/** Returns the keys of an operation, all of one partition. @internal */
export function keysOf(operation: Operation, keys: RedisKeys): string[] {
  return encodingOf(operation.name).keys(operation, keys);
}

/** Returns whether the script has deferred a read, see batch.lua. @internal */
export function isDeferral(name: OperationName, reply: unknown): boolean {
  return reply === '!deferred' && isRead({ name });
}

/** Returns the script arguments of an operation. @internal */
export function argsOf(operation: Operation, keys: RedisKeys): (string | number)[] {
  return encodingOf(operation.name).args(operation, keys);
}

/** Reads the script's reply to an operation. @internal */
export function readReply(name: OperationName, reply: unknown): OperationResult | UnreadableResult {
  const failure = typeof reply === 'string' ? FAILURE.exec(reply) : null;
  if (failure) {
    return asFailure(name, failure);
  }
  const { reply: shape, read } = encodingOf(name);
  const mismatch = shape(reply);
  if (mismatch) {
    return { unreadable: stateMessages.unexpectedReply(mismatch) };
  }
  return reply === null || !read ? (reply as OperationResult) : read(reply as never);
}

function encodingOf(name: OperationName): Encoding<OperationName> {
  const encoding: unknown = ENCODINGS[name];
  return encoding as Encoding<OperationName>;
}

/** A failure, such as `!type hash` or `!integer "five"`. JSON never begins with `!`. */
const FAILURE = /^!(type|integer|range|full|large|backend|undone) ([^]*)$/;

function asFailure(
  name: OperationName,
  [, failed, rest = '']: RegExpExecArray,
): OperationFailure | UnreadableResult {
  if (failed === 'backend' && isDeniedInScript(rest)) {
    return { unreadable: stateMessages.redisSaid(rest) };
  }
  if (failed === 'undone') {
    return { failed: 'backend', found: rest };
  }
  if (failed === 'large') {
    const [bytes = 0, most = 0] = rest.split(' ').map(Number);
    return { failed, found: stateMessages.tooLargeForRedis(name, bytes, most) };
  }
  if (failed === 'type') {
    const kind = Object.entries(TYPES).find(([, type]) => type === rest)?.[0];
    return { failed, found: kind ?? rest };
  }
  const found = failed === 'full' ? stateMessages.redisFull(rest) : rest;
  return { failed: failed as OperationFailure['failed'], found };
}

function asLockAnswer([what, number]: readonly [string, string]): LockAnswer {
  return what === 'token' ? { token: Number(number) } : { heldFor: Number(number) };
}

/** A single increment without bounds uses the fast path. */
function incrementWords(operation: Operation<'increment'>): (string | number)[] {
  const { runs, min, max, ttl } = operation;
  const [[delta, times] = [0, 0]] = runs;
  const isPlain =
    min === Number.MIN_SAFE_INTEGER && max === Number.MAX_SAFE_INTEGER && ttl === undefined;
  if (isPlain && runs.length === 1 && times === 1) {
    return ['add', delta];
  }
  const { sum, lowest, highest } = extremes(operation);
  return ['increment', sum, lowest, highest, min, max, ttl ?? '', runs.join(',')];
}

/** Returns the sum of the runs, and the lowest and highest intermediate sums. */
function extremes({ runs }: Operation<'increment'>) {
  let sum = 0;
  let lowest = 0;
  let highest = 0;
  for (const [delta, times] of runs) {
    sum += delta * times;
    lowest = Math.min(lowest, sum);
    highest = Math.max(highest, sum);
  }
  return { sum, lowest, highest };
}

/** Converts the reply; large numbers arrive as texts. */
function asChange(
  reply: number | string | (number | string | null)[],
): Operations['increment']['gives'] {
  return Array.isArray(reply)
    ? { values: reply.map(value => (value === null ? null : Number(value))) }
    : { total: Number(reply) };
}
