import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Test, type TestingModule } from '@nestjs/testing';
import * as fc from 'fast-check';
import { ClusterHealthIndicator, ClusterHealthModule } from '../../src/health/index.js';
import {
  ClusterBus,
  ClusterError,
  ClusterModule,
  defineTopic,
  getCounterToken,
  OnClusterEvent,
  OnClusterRequest,
  SharedState,
} from '../../src/index.js';

/** Milliseconds by which every call here has settled, on a busy machine. */
const PATIENCE = 10_000;

const silent = { log() {}, warn() {}, error() {} };

let app: TestingModule;
let unhandled: unknown[];

const noteUnhandled = (reason: unknown): void => void unhandled.push(reason);

beforeAll(async () => {
  unhandled = [];
  process.on('unhandledRejection', noteUnhandled);
  app = await Test.createTestingModule({
    imports: [
      ClusterModule.forRoot({ state: { timeout: 200 }, bus: { timeout: 200, askTimeout: 50 } }),
      ClusterHealthModule.forRoot(),
    ],
  })
    .setLogger(silent)
    .compile();
  await app.init();
});

afterAll(async () => {
  await app.close();
  process.off('unhandledRejection', noteUnhandled);
  expect(unhandled).toEqual([]);
});

type Arguments = readonly unknown[];

/** The methods of an object, called with whatever there is. */
function methodsOf(object: object, ...names: string[]): readonly ((args: Arguments) => unknown)[] {
  return names.map(
    name => (args: Arguments) =>
      (object as Record<string, (...all: Arguments) => unknown>)[name]!(...args),
  );
}

const functionsOf = (...functions: readonly unknown[]) =>
  (functions as readonly ((...args: Arguments) => unknown)[]).map(
    each => (args: Arguments) => each(...args),
  );

const OPTIONS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  ttl: fc.anything(),
  min: fc.anything(),
  stripes: fc.oneof(fc.integer({ min: -1, max: 3 }), fc.anything()),
  wait: fc.oneof(fc.integer({ min: -1, max: 20 }), fc.string()),
  lease: fc.oneof(fc.integer({ min: 0, max: 500 }), fc.anything()),
  limit: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.anything()),
  window: fc.oneof(fc.integer({ min: 0, max: 1_000 }), fc.anything()),
  group: fc.oneof(fc.constant('g'), fc.anything()),
  durable: fc.oneof(fc.boolean(), fc.anything()),
  retain: fc.oneof(fc.boolean(), fc.anything()),
  self: fc.oneof(fc.boolean(), fc.anything()),
  timeout: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.string()),
  name: fc.oneof(fc.constant('t.x'), fc.anything()),
  options: fc.anything(),
  schema: fc.anything(),
  onGap: fc.anything(),
};

/** At most two at a time: with many, each call is refused for one of them. */
const fewOptions = fc
  .array(
    fc.oneof(...Object.entries(OPTIONS).map(([name, value]) => fc.tuple(fc.constant(name), value))),
    { maxLength: 2 },
  )
  .map(options => Object.fromEntries(options));

/** Sometimes what could be right, so that calls get further than their first argument. */
const argument = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 't.x', 't.*') },
  { weight: 2, arbitrary: fc.constantFrom(0, 1, -1, 5, 0.5, Number.NaN, 2 ** 53, 2 ** 31) },
  {
    weight: 2,
    arbitrary: fc.anything().map(value => () => value),
  },
  {
    weight: 3,
    arbitrary: fewOptions,
  },
  {
    weight: 4,
    arbitrary: fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      withUnicodeString: true,
    }),
  },
);

/** Waits for what a call gives, and ends subscriptions, so that they do not pile up. */
async function settled(call: () => unknown): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>(resolve => {
    timer = setTimeout(() => resolve('It did not settle.'), PATIENCE);
  });
  const done = (async () => {
    try {
      const given = await call();
      const subscription = given as { unsubscribe?: unknown } | undefined;
      if (typeof subscription?.unsubscribe === 'function') {
        await (subscription.unsubscribe as () => Promise<void>)();
      }
      return undefined;
    } catch (error) {
      return error instanceof ClusterError && error.code.startsWith('CLUSTER_') ? undefined : error;
    }
  })();
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}

describe('the public API', () => {
  it('works or fails with a ClusterError, whatever it is given', async () => {
    const state = app.get(SharedState);
    const bus = app.get(ClusterBus);
    const health = app.get(ClusterHealthIndicator);
    const calls = [
      ...methodsOf(state, 'counter', 'get', 'getMany', 'has', 'set', 'setIfAbsent', 'delete'),
      ...methodsOf(state, 'update', 'map', 'leaderboard', 'lock', 'rateLimit', 'resolve'),
      ...methodsOf(state, 'ttl', 'expire', 'keys', 'clear', 'stateSet', 'semaphore', 'tryLock'),
      ...methodsOf(state, 'peekRateLimit', 'resetRateLimit'),
      ...methodsOf(state.stateSet('t'), 'add', 'remove', 'has', 'size', 'members'),
      ...methodsOf(state.semaphore('p', { permits: 2 }), 'run'),
      ...methodsOf(state.counter('n'), 'increment', 'decrement', 'get', 'set', 'reset'),
      ...methodsOf(state.counter('s', { stripes: 2 }), 'increment', 'decrement', 'get', 'reset'),
      ...methodsOf(state.map('m'), 'get', 'has', 'set', 'delete', 'increment', 'entries', 'size'),
      ...methodsOf(state.leaderboard('l'), 'add', 'increment', 'remove', 'score', 'rank', 'top'),
      ...methodsOf(state.leader('o'), 'onElected', 'onDeposed'),
      ...methodsOf(state, 'leader'),
      ...methodsOf(bus, 'publish', 'emit', 'subscribe', 'subscribe', 'ask', 'ask', 'answer'),
      ...methodsOf(health, 'checkHost', 'checkWorker', 'checkState'),
      ...functionsOf(defineTopic, getCounterToken),
      ...functionsOf(OnClusterEvent, OnClusterRequest),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.nat(calls.length - 1),
        fc.array(argument, { maxLength: 4 }),
        async (index, args) => {
          expect(await settled(() => calls[index]!(args))).toBeUndefined();
        },
      ),
      { numRuns: 1_500, interruptAfterTimeLimit: 8_000 },
    );
    await new Promise(resolve => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  });
});
