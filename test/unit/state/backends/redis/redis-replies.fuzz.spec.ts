import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { ClusterError } from '../../../../../src/model/errors/cluster.error.js';
import type { RedisLink } from '../../../../../src/redis/redis-link.js';
import { perform } from '../../../../../src/state/objects/perform.js';
import { isRead, type Operation } from '../../../../../src/state/operation.js';
import { RedisExecutor } from '../../../../../src/state/backends/redis/redis-executor.js';
import { StateClient } from '../../../../../src/state/client/state-client.js';

/** Milliseconds by which each call settles. */
const TIMEOUT = 5;

const RUNS = 100;

/** A server's clock. */
const TIME = 1_700_000_000_000;

const key = 'k';
const owner = 'a.1';
const group = 'g';
const member = 'm';

const OPERATIONS: readonly Operation[] = [
  { name: 'get', key },
  { name: 'has', key },
  { name: 'set', key, value: '1' },
  { name: 'setIfAbsent', key, value: '1' },
  { name: 'replace', key, expected: null, value: '1' },
  { name: 'delete', key },
  { name: 'ttl', key },
  { name: 'expire', key, ttl: 5 },
  { name: 'increment', key, runs: [[1, 1]], min: 0, max: 9 },
  {
    name: 'increment',
    key,
    runs: [[1, 1]],
    min: Number.MIN_SAFE_INTEGER,
    max: Number.MAX_SAFE_INTEGER,
  },
  { name: 'mapGet', key, field: 'f' },
  { name: 'mapHas', key, field: 'f' },
  { name: 'mapSet', key, field: 'f', value: '1' },
  { name: 'mapDelete', key, field: 'f' },
  { name: 'mapIncrement', key, field: 'f', by: 1 },
  { name: 'mapEntries', key },
  { name: 'mapSize', key },
  { name: 'scoreSet', key, member, score: 1 },
  { name: 'scoreIncrement', key, member, by: 1 },
  { name: 'scoreRemove', key, member },
  { name: 'scoreGet', key, member },
  { name: 'scoreRank', key, member },
  { name: 'scoreTop', key, count: 3 },
  { name: 'scoreSize', key },
  { name: 'lockAcquire', key, owner, lease: 1_000, wait: 0 },
  { name: 'lockRenew', key, owner, lease: 1_000 },
  { name: 'lockRelease', key, owner },
  { name: 'lockHeld', key, client: 'a' },
  { name: 'permitAcquire', key, owner, permits: 2, lease: 1_000, wait: 0 },
  { name: 'permitRenew', key, owner, lease: 1_000 },
  { name: 'permitRelease', key, owner },
  { name: 'hit', key, count: 1, limit: 1, window: 1_000 },
  { name: 'hitPeek', key, limit: 1, window: 1_000 },
  { name: 'hitReset', key },
  { name: 'cacheGet', key, field: 'f' },
  { name: 'cacheSet', key, field: 'f', value: '1', stale: 0, maxEntries: 5 },
  { name: 'cacheDelete', key, field: 'f' },
  { name: 'cacheKeys', key, prefix: '' },
  { name: 'cacheClear', key, prefix: '' },
  { name: 'throttle', key, throttler: 't', count: 1, ttl: 5, limit: 1, block: 0 },
  { name: 'append', key, event: '{}', keep: 1 },
  { name: 'history', key, after: '0-0', count: 3 },
  { name: 'newest', key },
  { name: 'groupJoin', key, group },
  { name: 'groupTake', key, group, member, count: 3, again: false },
  { name: 'groupDone', key, group, offsets: ['1-1'] },
  { name: 'groupMembers', key, group },
  { name: 'groupInherit', key, group, member, dead: ['d'] },
  { name: 'groupLeave', key, group, member },
  { name: 'groupDelete', key, group },
  { name: 'historyFacts', key },
  { name: 'historyDelete', key },
];

let reply: unknown;
let client: StateClient;
let executor: RedisExecutor;

const answer = (): Promise<unknown> =>
  reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply);

beforeEach(() => {
  const link = {
    isCluster: false,
    clientFor: () => ({ evalsha: answer, eval: answer }),
    availability: { serverOffset: 0, unavailableSince: undefined, observe: () => () => {} },
    suspect: () => {},
    distrust: () => {},
  };
  executor = new RedisExecutor(link as unknown as RedisLink, 'fuzz');
  client = new StateClient(executor, TIMEOUT, 0);
});
afterEach(() => client.close());

/** Resolves with the outcome of a call: one that does not settle fails the test. An error has to be one of ours. */
async function outcome(operation: Operation): Promise<unknown> {
  const result = await perform(client, 'a value', operation).then(
    value => ({ value: value as unknown }),
    (error: unknown) => error,
  );
  if (result instanceof Error) {
    expect(result).toBeInstanceOf(ClusterError);
  }
  return result;
}

/** Whatever the protocol of Redis can carry. */
const { value: anyReply } = fc.letrec(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<unknown>(
      null,
      'OK',
      0,
      1,
      -1,
      '',
      [],
      [[]],
      [[[]]],
      [null],
      'token',
      'held',
      '!deferred',
    ),
    fc.integer(),
    fc.double(),
    fc.string({ maxLength: 20 }),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string({ maxLength: 5 }), tie('value'), { maxKeys: 3 }),
    fc.string({ maxLength: 20 }).map(message => new Error(message)),
  ),
}));

/** Texts that look like failures are those of scripts. */
const isFailureText = (value: unknown): boolean =>
  typeof value === 'string' && /^!(type|integer|range|full|large|backend) /.test(value);

describe('a server that answers whatever it likes', () => {
  it.each([null, 'OK', 1, [], [[]], [['OK']], ['OK'], [null], {}].map(each => [each]))(
    'has done nothing that counts when it says %j',
    async said => {
      reply = said;
      const outcomes = await Promise.all(OPERATIONS.map(each => outcome(each)));
      expect(outcomes.filter(each => !(each instanceof ClusterError))).toEqual([]);
      OPERATIONS.forEach((operation, index) => {
        const code = isRead(operation) ? 'CLUSTER_STATE_UNAVAILABLE' : 'CLUSTER_STATE_AMBIGUOUS';
        // Those that were still waiting when the time was over have not been sent.
        expect(['CLUSTER_STATE_UNAVAILABLE', code]).toContain(
          (outcomes[index] as { readonly code: string }).code,
        );
      });
    },
    30_000,
  );

  it('settles every call by its deadline, and gives no value of another type', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...OPERATIONS), anyReply, async (operation, said) => {
        reply = said;
        await outcome(operation);
      }),
      { numRuns: RUNS },
    );
  }, 60_000);

  it('hurts only the operation whose result cannot be read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...OPERATIONS), anyReply, async (operation, said) => {
        const result = said instanceof Error ? null : said;
        fc.pre(!isFailureText(result));
        reply = [TIME, result];
        const settled = await outcome(operation);
        if (!(settled instanceof Error)) {
          const { value } = settled as { readonly value: unknown };
          expect(typeof value).not.toBe('undefined');
          expect(Number.isNaN(value)).toBe(false);
        }
      }),
      { numRuns: RUNS },
    );
  }, 60_000);

  it('has nothing resolved by what it says', async () => {
    await fc.assert(
      fc.asyncProperty(anyReply, async said => {
        reply = said;
        const place = {
          name: 'increment',
          partition: 0,
          lane: 'l',
          sequence: 1,
          index: 0,
        } as const;
        const result: unknown = await executor
          .recall(place, Date.now())
          .catch((error: unknown) => error);
        expect(result === undefined || result instanceof Error || typeof result === 'object').toBe(
          true,
        );
      }),
      { numRuns: RUNS },
    );
  });
});
