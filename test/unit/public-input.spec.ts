import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Test, type TestingModule } from '@nestjs/testing';
import { ClusterHealthIndicator, ClusterHealthModule } from '../../src/health/index.js';
import {
  ClusterBus,
  ClusterError,
  ClusterModule,
  defineTopic,
  getCounterToken,
  InjectCounter,
  OnClusterEvent,
  OnClusterRequest,
  SharedState,
} from '../../src/index.js';

const TEN_YEARS = 10 * 365 * 24 * 3_600_000;

const silent = { log() {}, warn() {}, error() {} };

let app: TestingModule;
let state: SharedState;
let bus: ClusterBus;
let health: ClusterHealthIndicator;

beforeAll(async () => {
  app = await Test.createTestingModule({
    imports: [ClusterModule.forRoot(), ClusterHealthModule.forRoot()],
  })
    .setLogger(silent)
    .compile();
  await app.init();
  state = app.get(SharedState);
  bus = app.get(ClusterBus);
  health = app.get(ClusterHealthIndicator);
});

afterAll(() => app.close());

const nothing = (): void => {};

/** What TypeScript would not let through, and JavaScript does. */
const wrong = (value: unknown): never => value as never;

async function messageOf(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    return (error as Error).message;
  }
  return 'none';
}

async function codeOf(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    return error instanceof ClusterError ? error.code : String(error);
  }
  return 'none';
}

const throwsNothing = (): never => {
  // eslint-disable-next-line no-throw-literal
  throw undefined;
};

const bare: unknown = Object.create(null);

const STATE_CALLS: Readonly<Record<string, () => unknown>> = {
  'lock(k, 5)': () => state.lock('k', wrong(5)),
  'lock(k, task, null)': () => state.lock('k', nothing, wrong(null)),
  'lock(k, task, [])': () => state.lock('k', nothing, wrong([])),
  'lock(k, task, { lease: 1e15 })': () => state.lock('k', nothing, { lease: 1e15 }),
  'update(k)': () => state.update('k', wrong(undefined)),
  'update(k, change, { ttl: 0 })': () => state.update('k', nothing, { ttl: 0 }),
  'set(k, Buffer)': () => state.set('k', Buffer.from('x')),
  'set(k, { b: Buffer })': () => state.set('k', { b: Buffer.from('x') }),
  'set(k, Uint8Array)': () => state.set('k', new Uint8Array(1)),
  'set(k, invalid Date)': () => state.set('k', [new Date(Number.NaN)]),
  'set(k, toJSON() throws)': () => state.set('k', { toJSON: throwsNothing }),
  'set(k, v, null)': () => state.set('k', 1, wrong(null)),
  'set(bare object, v)': () => state.set(wrong(bare), 1),
  'get(Symbol)': () => state.get(wrong(Symbol('x'))),
  'getMany(5)': () => state.getMany(wrong(5)),
  'getMany([,])': () => state.getMany(wrong(Array.from({ length: 1 }))),
  'counter(n, "options")': () => state.counter('n', wrong('options')),
  'counter(n, null)': () => state.counter('n', wrong(null)),
  'counter().increment("5")': () => state.counter('n').increment(wrong('5')),
  'counter().decrement("5")': () => state.counter('n').decrement(wrong('5')),
  'counter().decrement(5n)': () => state.counter('n').decrement(wrong(5n)),
  'counter().decrement(Symbol)': () => state.counter('n').decrement(wrong(Symbol('x'))),
  'counter(…, { stripes }).decrement("5")': () =>
    state.counter('n', { stripes: 2 }).decrement(wrong('5')),
  'counter(long name, { stripes })': () => state.counter('n'.repeat(1024), { stripes: 2 }),
  'map(5)': () => state.map(wrong(5)),
  'map().increment(f, null)': () => state.map('m').increment('f', wrong(null)),
  'leaderboard().top("3")': () => state.leaderboard('l').top(wrong('3')),
  'rateLimit(k)': () => state.rateLimit('k', wrong(undefined)),
  'rateLimit(k, { window: 11 years })': () =>
    state.rateLimit('k', { limit: 1, window: TEN_YEARS + 1 }),
  'leader(n, 5)': () => state.leader('n', wrong(5)),
  'leader().onElected(5)': () => state.leader('n').onElected(wrong(5)),
  'leader().onDeposed()': () => state.leader('n').onDeposed(wrong(undefined)),
  'lock(k, task, { signal: 5 })': () => state.lock('k', nothing, { signal: wrong(5) }),
  'tryLock(k, 5)': () => state.tryLock('k', wrong(5)),
  'tryLock(k, task, { wait: 5 })': () => state.tryLock('k', nothing, wrong({ wait: 5 })),
  'semaphore(k)': () => state.semaphore('k', wrong(undefined)),
  'semaphore(k, { permits: 0 })': () => state.semaphore('k', { permits: 0 }),
  'semaphore().run(5)': () => state.semaphore('k', { permits: 1 }).run(wrong(5)),
  'semaphore().run(task, { wait: -1 })': () =>
    state.semaphore('k', { permits: 1 }).run(nothing, { wait: -1 }),
  'ttl(5)': () => state.ttl(wrong(5)),
  'expire(k, "5")': () => state.expire('k', wrong('5')),
  'keys(5)': () => state.keys(wrong(5)),
  'clear("")': () => state.clear(''),
  'stateSet(n, { ttl: 0 })': () => state.stateSet('n', { ttl: 0 }),
  'stateSet().add(undefined)': () => state.stateSet('n').add(undefined),
  'map().set(f, v, { ttl: 0 })': () => state.map('m').set('f', 1, { ttl: 0 }),
  'rateLimit(k, { cost: 2 })': () => state.rateLimit('k', { limit: 1, window: 5, cost: 2 }),
  'rateLimit(k, { onOutage: "wait" })': () =>
    state.rateLimit('k', { limit: 1, window: 5, onOutage: wrong('wait') }),
  'peekRateLimit(k)': () => state.peekRateLimit('k', wrong(undefined)),
  'resetRateLimit(5)': () => state.resetRateLimit(wrong(5)),
  'leader().run(5)': () => state.leader('n').run(wrong(5)),
  'resolve(5)': () => state.resolve(wrong(5)),
  'resolve(Symbol)': () => state.resolve(wrong(Symbol('x'))),
  'resolve(an unknown operation)': () => state.resolve('constructor.0.lane-1.1.0.0.0.5'),
  'resolve(numbers too large)': () => state.resolve(`set.0.lane-1.${'9'.repeat(30)}.0.0.0.5`),
  'InjectCounter(5)': () => InjectCounter(wrong(5)),
  'InjectCounter(n, null)': () => InjectCounter('n', wrong(null)),
  'InjectCounter(n, { min: "0" })': () => InjectCounter('n', wrong({ min: '0' })),
  'getCounterToken(n, 5)': () => getCounterToken('n', wrong(5)),
};

const BUS_CALLS: Readonly<Record<string, () => unknown>> = {
  'publish(t, x, { self: "no" })': () => bus.publish('t', 1, wrong({ self: 'no' })),
  'publish(t, x, null)': () => bus.publish('t', 1, wrong(null)),
  'publish(t, Buffer)': () => bus.publish('t', Buffer.from('x')),
  'publish({ name }, x)': () => bus.publish(wrong({ name: 't' }), 1),
  'publish({}, x)': () => bus.publish(wrong({}), 1),
  'publish({ name, options: 5 }, x)': () => bus.publish(wrong({ name: 't', options: 5 }), 1),
  'subscribe(t)': () => bus.subscribe('t', wrong(undefined)),
  'subscribe(t, h, [])': () => bus.subscribe('t', nothing, wrong([])),
  'subscribe(t, h, { onGap: 5 })': () => bus.subscribe('t', nothing, wrong({ onGap: 5 })),
  'subscribe(t, h, { durable: null })': () => bus.subscribe('t', nothing, wrong({ durable: null })),
  'subscribe({ name, options, schema: 5 }, h)': () =>
    bus.subscribe(wrong({ name: 't', options: {}, schema: 5 }), nothing),
  'subscribe(t, h, { retries: -1 })': () =>
    bus.subscribe('t', nothing, { group: 'g', durable: true, retries: -1 }),
  'subscribe(t, h, { deadLetter: "*" })': () =>
    bus.subscribe('t', nothing, { group: 'g', durable: true, deadLetter: 'dead.*' }),
  'subscribe(t, h, { backoff: 5 })': () => bus.subscribe('t', nothing, { backoff: 5 }),
  'subscribe(t, h, { timeout: 0 })': () => bus.subscribe('t', nothing, { timeout: 0 }),
  'subscribe(Symbol, h)': () => bus.subscribe(wrong(Symbol('x')), nothing),
  'ask(t, x, null)': () => bus.ask('t', 1, wrong(null)),
  'ask(t, x, { timeout: 2 ** 31 })': () => bus.ask('t', 1, { timeout: 2 ** 31 }),
  'ask(t, x, { wait: 5 })': () => bus.ask('t', 1, wrong({ wait: 5 })),
  'answer(t)': () => bus.answer('t', wrong(undefined)),
  'defineTopic(bare object)': () => defineTopic(wrong(bare)),
  'defineTopic(t, null)': () => defineTopic('t', wrong(null)),
  'defineTopic(t, no schema)': () => defineTopic('t', wrong({ '~standard': 5 })),
  'defineTopic(t, { durable: { maxAge: 11 years } })': () =>
    defineTopic('t', { durable: { maxAge: TEN_YEARS + 1 } }),
  'OnClusterEvent(5)': () => OnClusterEvent(wrong(5)),
  'OnClusterEvent(t, { onGap: 5 })': () => OnClusterEvent('t', wrong({ onGap: 5 })),
  'OnClusterEvent(t, { retries: 1 })': () => OnClusterEvent('t', { retries: 1 }),
  'OnClusterEvent(t) on a property': () => OnClusterEvent('t')({}, 'property', wrong(undefined)),
  'OnClusterEvent(t) on a static method': () =>
    OnClusterEvent('t')(Date, 'method', wrong({ value: nothing })),
  'OnClusterRequest({})': () => OnClusterRequest(wrong({})),
  'OnClusterRequest(t) on a class': () =>
    (OnClusterRequest('t') as (target: unknown) => void)(Date),
};

const HEALTH_CALLS: Readonly<Record<string, () => unknown>> = {
  'checkHost()': () => health.checkHost(wrong(undefined)),
  'checkHost("")': () => health.checkHost(''),
  'checkHost(k, null)': () => health.checkHost('k', wrong(null)),
  'checkWorker(5)': () => health.checkWorker(wrong(5)),
  'checkWorker(k, 0)': () => health.checkWorker('k', wrong(0)),
  'checkState(k, { nope: 1 })': () => health.checkState('k', wrong({ nope: 1 })),
  'checkState(Symbol)': () => health.checkState(wrong(Symbol('x'))),
};

describe('what is given to the public API', () => {
  it.each(Object.keys(STATE_CALLS))('is checked: %s', async name => {
    expect(await codeOf(STATE_CALLS[name]!)).toBe('CLUSTER_STATE_INPUT');
  });

  it.each(Object.keys(BUS_CALLS))('is checked: %s', async name => {
    expect(await codeOf(BUS_CALLS[name]!)).toBe('CLUSTER_BUS_INPUT');
  });

  it.each(Object.keys(HEALTH_CALLS))('is checked: %s', async name => {
    expect(await codeOf(HEALTH_CALLS[name]!)).toBe('CLUSTER_CONFIG');
  });

  it('names a Buffer and its property in the message', async () => {
    await expect(state.set('k', { file: Buffer.from('x') })).rejects.toThrow(
      'The value for "k" cannot be represented as JSON: a Buffer at "file"',
    );
  });

  it('shows what it was given on one line, without control characters, and shortened', async () => {
    const evil = `\u001b[2J\n${'x'.repeat(1_000)}`;
    const calls = [
      () => state.set('k', 1, wrong(evil)),
      () => state.set('k', 1, wrong({ [evil]: 1 })),
      () => state.set('k', { [evil]: Buffer.from('') }),
      () => state.counter('n', { min: wrong(evil) }),
      () => state.resolve(evil),
    ];
    for (const call of calls) {
      const message = await messageOf(call);
      expect(message).toMatch(/^[^\p{Cc}]{10,300}$/u);
    }
  });
});

describe('times', () => {
  it('go up to ten years', async () => {
    await state.set('years', 1, { ttl: TEN_YEARS });
    expect(await state.get('years')).toBe(1);
    expect(await state.counter('counted-years', { ttl: TEN_YEARS }).increment()).toBe(1);
    const { resetAfter } = await state.rateLimit('years', { limit: 1, window: TEN_YEARS });
    expect(resetAfter).toBe(TEN_YEARS);
    await bus.publish('years', 1, { durable: { maxAge: TEN_YEARS } });
    expect(await state.lock('years', () => 'done', { lease: TEN_YEARS, wait: TEN_YEARS })).toBe(
      'done',
    );
  });

  it('renew a lock before its backend forgets who holds it, and not all the time', async () => {
    const renewals: unknown[] = [];
    const client = { run: (operation: unknown) => renewals.push(operation) && Promise.resolve() };
    const { Hold } = await import('../../src/state/objects/hold.js');
    const claim = { key: 'k', name: 'k', owner: 'c.1', token: 1, lease: TEN_YEARS };
    const { monotonicNow } = await import('../../src/system/time/monotonic-now.js');
    const hold = new Hold(wrong(client), claim, monotonicNow(), nothing);
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(renewals).toEqual([]);
    await hold.release();
  });
});
