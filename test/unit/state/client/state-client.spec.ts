import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Operation, OperationResult } from '../../../../src/state/operation.js';
import { type CallTerms, StateClient } from '../../../../src/state/client/state-client.js';
import { DEFERRED } from '../../../../src/state/state-executor.interface.js';
import { block } from '../../../fixtures/apps/block.js';
import { fakedExcept } from '../../../support/faked-timers.mjs';
import { settle } from '../../../support/fakes/fake-clock.js';
import { FakeExecutor } from '../../../support/fakes/fake-executor.js';

const TIMEOUT = 60;
const UNAVAILABLE = 'CLUSTER_STATE_UNAVAILABLE';
const AMBIGUOUS = 'CLUSTER_STATE_AMBIGUOUS';
const UNKNOWN = { type: 'unknown', why: 'the line is dead' } as const;

let executor: FakeExecutor;
let client: StateClient;

beforeEach(() => {
  // Time passes only as told.
  vi.useFakeTimers({ toFake: fakedExcept('setImmediate', 'queueMicrotask') });
  executor = new FakeExecutor();
  client = new StateClient(executor, TIMEOUT, 0);
});

afterEach(async () => {
  vi.useRealTimers();
  await client.close();
});

const bounds = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };

function increment(key = 'sold', by = 1, max = bounds.max): Operation<'increment'> {
  return { name: 'increment', key, runs: [[by, 1]], ...bounds, max };
}

function append(n: number): Operation {
  return { name: 'append', key: 't', event: `${n}`, keep: 1 };
}

function run(operation: Operation, terms?: CallTerms): Promise<unknown> {
  return client.run(operation, result => result, terms);
}

function reads(count: number, terms?: CallTerms): Promise<unknown>[] {
  return Array.from({ length: count }, (_, n) => run({ name: 'get', key: `k${n}` }, terms));
}

function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    value => `settled with ${JSON.stringify(value)}`,
    (error: { code: string }) => error.code,
  );
}

/** What it has settled with when the time of a call is over. */
async function atDeadline<Value>(settled: Promise<Value>): Promise<Value> {
  await vi.advanceTimersByTimeAsync(TIMEOUT);
  return settled;
}

/** What it has settled with a few turns of the event loop from now. */
async function bySoon(code: Promise<string>): Promise<string> {
  return Promise.race([code, settle().then(() => 'not settled')]);
}

describe('the calls of a client', () => {
  it('go out at once when nothing is under way', () => {
    void codeOf(run(increment()));
    expect(executor.batches).toHaveLength(1);
    expect(executor.batches[0]).toMatchObject({ sequence: 1, operations: [increment()] });
  });

  it('wait for the answer to those before, and become one operation meanwhile', async () => {
    const first = run(increment());
    const others = [1, 1, 1, 5, 1].map(by => run(increment('sold', by)));
    expect(executor.batches).toHaveLength(1);
    await executor.answer({ type: 'applied', results: [{ total: 10 }] });
    expect(await first).toBe(10);
    const [, second] = executor.batches;
    expect(second).toMatchObject({ lane: executor.batches[0]!.lane, sequence: 2 });
    expect(second?.operations).toEqual([
      {
        ...increment(),
        runs: [
          [1, 3],
          [5, 1],
          [1, 1],
        ],
      },
    ]);
    await executor.answer({ type: 'applied', results: [{ total: 19 }] });
    expect(await Promise.all(others)).toEqual([11, 12, 13, 18, 19]);
  });

  it('become one operation only where nothing came in between on their key, and on equal terms', async () => {
    void codeOf(run({ name: 'has', key: 'x' }));
    const operations: Operation[] = [
      increment('a'),
      increment('b'),
      increment('a'),
      increment('a', 1, 5),
      { name: 'get', key: 'b' },
      increment('b'),
      { name: 'hit', key: 'c', count: 1, limit: 3, window: 10 },
      { name: 'hit', key: 'c', count: 1, limit: 3, window: 10 },
    ];
    const calls = operations.map(operation => run(operation));
    await executor.answer({ type: 'applied', results: [false] });
    expect(executor.batches[1]?.operations.map(({ name, key }) => `${name} ${key}`)).toEqual([
      'increment a',
      'increment b',
      'increment a',
      'get b',
      'increment b',
      'hit c',
    ]);
    await executor.answer({
      type: 'applied',
      results: [
        { total: 2 },
        { total: 1 },
        { values: [null] },
        '1',
        { total: 2 },
        { allowed: 1, remaining: 0, resetAfter: 7 },
      ],
    });
    expect(await Promise.all(calls)).toEqual([
      1,
      1,
      2,
      null,
      '1',
      2,
      { allowed: 1, remaining: 0, resetAfter: 7 },
      { allowed: 0, remaining: 0, resetAfter: 7 },
    ]);
  });

  it('become one read where they read the same, and nothing came in between on its key', async () => {
    void codeOf(run({ name: 'has', key: 'x' }));
    const operations: Operation[] = [
      { name: 'get', key: 'a' },
      { name: 'mapGet', key: 'm', field: 'f' },
      { name: 'get', key: 'a' },
      { name: 'mapGet', key: 'm', field: 'f' },
      { name: 'mapGet', key: 'm', field: 'g' },
      { name: 'set', key: 'a', value: '2' },
      { name: 'get', key: 'a' },
    ];
    const calls = operations.map(operation => run(operation));
    await executor.answer({ type: 'applied', results: [false] });
    expect(executor.batches[1]?.operations).toEqual(
      [0, 1, 4, 5, 6].map(index => operations[index]),
    );
    await executor.answer({ type: 'applied', results: ['1', '"f"', DEFERRED, true, '2'] });
    expect(await Promise.all(calls.toSpliced(4, 1))).toEqual(['1', '"f"', '1', '"f"', true, '2']);
    expect(executor.batches[2]?.operations).toEqual([operations[4]]);
    await executor.answer({ type: 'applied', results: ['"g"'] });
    expect(await calls[4]).toBe('"g"');
  });

  describe('if their results are larger than one batch', () => {
    let answered: number;
    beforeEach(() => (answered = 0));

    /** Answers the oldest batch: its first read returns much, so that the others are deferred. */
    const answerNext = async (): Promise<void> => {
      const { operations } = executor.batches[answered++]!;
      const first = operations.findIndex(({ name }) => name === 'get');
      const results = operations.map(({ name }, n) =>
        name !== 'get' ? { total: 1 } : n > first ? DEFERRED : '"x"',
      );
      await executor.answer({ type: 'applied', results });
    };

    it('do not hold up later calls', async () => {
      const all = Promise.allSettled([run(increment('one')), ...reads(560)]);
      await answerNext();
      await answerNext();
      const count = run(increment('two')).then(() => 'counted');
      for (let batch = 0; batch < 3; batch++) {
        await answerNext();
      }
      expect(await bySoon(count)).toBe('counted');
      while (answered < executor.batches.length) {
        await answerNext();
      }
      expect((await all).every(({ status }) => status === 'fulfilled')).toBe(true);
    });

    it('name that as the reason if their time is over', async () => {
      void codeOf(run(increment('one')));
      const [first, ...others] = reads(3).map(read => read.catch((error: Error) => error.message));
      await executor.answer({ type: 'applied', results: [{ total: 1 }] });
      await vi.advanceTimersByTimeAsync(TIMEOUT - 1);
      const answering = executor.answer({ type: 'applied', results: ['"x"', DEFERRED, DEFERRED] });
      await vi.advanceTimersByTimeAsync(1);
      await answering;
      expect(await first).toBe('"x"');
      expect(await Promise.all(others)).toEqual(
        ['k1', 'k2'].map(
          key =>
            `"get" of "${key}" was not applied: the reads before it returned more data than the backend could send in time. Ask for fewer values at once.`,
        ),
      );
    });

    it('do not name that as the reason if the backend has fallen silent since', async () => {
      void codeOf(run(increment('one')));
      const last = reads(200, { timeout: 2_000 })
        .map(read => read.catch((error: Error) => error.message))
        .at(-1);
      await answerNext();
      await answerNext();
      await vi.advanceTimersByTimeAsync(2_000);
      expect(await last).toContain('the backend did not answer in time');
    });
  });

  it('go out by partition, each partition on its own', () => {
    void codeOf(run(increment('one')));
    void codeOf(run(increment('other')));
    expect(executor.batches.map(({ partition }) => partition)).toEqual([0, 1]);
    expect(executor.batches[0]!.lane).not.toBe(executor.batches[1]!.lane);
  });

  it('go out again as the same batch when nobody knows what became of it', async () => {
    const call = run(increment());
    await executor.answer(UNKNOWN);
    executor.observer!.onAvailable();
    expect(executor.batches[1]).toEqual(executor.batches[0]);
    await executor.answer({ type: 'applied', results: [{ total: 1 }] });
    expect(await call).toBe(1);
  });

  it('are ambiguous at their deadline if an attempt may have been carried out', async () => {
    const code = codeOf(run(increment()));
    await executor.answer(UNKNOWN);
    await vi.advanceTimersByTimeAsync(TIMEOUT - 1);
    expect(await bySoon(code)).toBe('not settled');
    await vi.advanceTimersByTimeAsync(1);
    expect(await bySoon(code)).toBe(AMBIGUOUS);
  });

  it('are not applied if every attempt was refused, or none was made', async () => {
    const call = run(increment());
    const queued = run(increment());
    await executor.answer({ type: 'refused', why: 'it is loading' });
    executor.unavailableSince = 0;
    const told = Promise.allSettled([call, queued]);
    await vi.advanceTimersByTimeAsync(TIMEOUT);
    expect(await told).toMatchObject([
      {
        reason: {
          code: UNAVAILABLE,
          message: '"increment" of "sold" was not applied: it is loading.',
        },
      },
      { reason: { code: UNAVAILABLE } },
    ]);
  });

  it('are not tried again so late that nobody could be told what came of it', async () => {
    const code = codeOf(run(increment()));
    await executor.answer({ type: 'refused', why: 'it is full' });
    expect(await atDeadline(code)).toBe(UNAVAILABLE);
    expect(executor.batches).toHaveLength(1);
  });

  it('are not tried again for the little more time that a blocked event loop gives them', async () => {
    vi.useRealTimers();
    const call = run(increment());
    await executor.answer({ type: 'refused', why: 'it is full' });
    block(2 * TIMEOUT);
    expect(await codeOf(call)).toBe(UNAVAILABLE);
    expect(executor.batches).toHaveLength(1);
  });

  it('that only read are never ambiguous', async () => {
    expect(await atDeadline(codeOf(run({ name: 'get', key: 'x' })))).toBe(UNAVAILABLE);
    expect(executor.suspected).toBe(1);
  });

  it('are refused at once when the backend has no memory left', async () => {
    const [written, second] = [run(increment()), run(append(1))].map(codeOf);
    await executor.answer({ type: 'full', why: 'no room' });
    await executor.answer({ type: 'full', why: 'no room' });
    expect(await written).toBe('CLUSTER_STATE_FULL');
    expect(await second).toBe('CLUSTER_STATE_FULL');
  });

  it('are not said to be refused when an earlier attempt may have been carried out', async () => {
    const code = codeOf(run(increment()));
    await executor.answer(UNKNOWN);
    await vi.advanceTimersByTimeAsync(TIMEOUT / 2);
    expect(executor.batches).toHaveLength(2);
    await executor.answer({ type: 'full', why: 'no room' });
    expect(await atDeadline(code)).toBe(AMBIGUOUS);
  });

  it('of which the result cannot be read may have been applied, and others of the batch are not hurt', async () => {
    void codeOf(run({ name: 'has', key: 'x' }));
    const calls = [run(increment('a')), run({ name: 'get', key: 'b' }), run(increment('c'))];
    const codes = calls.map(codeOf);
    await executor.answer({ type: 'applied', results: [true] });
    const unreadable = { unreadable: 'it should be a number, not "OK"' };
    const { lane } = executor.batches[1]!;
    await executor.answer({ type: 'applied', results: [unreadable, unreadable, { total: 7 }] });
    expect(await Promise.all(codes)).toEqual([AMBIGUOUS, UNAVAILABLE, 'settled with 7']);
    // What became of it can be asked for as long as nothing takes its place.
    void codeOf(run(increment('d')));
    expect(executor.batches[2]!.lane).not.toBe(lane);
  });

  it('are refused at once when the backend has been away for longer than they may last', async () => {
    executor.unavailableSince = performance.now() - 1e9;
    expect(await bySoon(codeOf(run(increment())))).toBe(UNAVAILABLE);
  });

  it('that share a batch with one whose time is over get a new batch', async () => {
    const first = codeOf(run({ name: 'has', key: 'x' }, { timeout: 5_000 }));
    const short = codeOf(run(increment('sold', 1), { timeout: 30 }));
    const long = run(increment('sold', 2), { timeout: 5_000 });
    await executor.answer({ type: 'applied', results: [false] });
    await first;
    expect(await atDeadline(short)).toBe(AMBIGUOUS);
    await executor.answer({ type: 'void' });
    const { lane } = executor.batches[1]!;
    expect(executor.batches[2]).toMatchObject({ sequence: 1, operations: [increment('sold', 2)] });
    expect(executor.batches[2]!.lane).not.toBe(lane);
    await executor.answer({ type: 'applied', results: [{ total: 2 }] });
    expect(await long).toBe(2);
  });

  it('that wait for replicas hold up no others', () => {
    void codeOf(client.run(increment(), result => result, { replicas: 1 }));
    void codeOf(run(increment()));
    expect(executor.batches.map(({ replicas }) => replicas)).toEqual([1, 0]);
  });

  it('settle when the client is closed, and those that come later', async () => {
    const call = codeOf(run(increment(), { timeout: 60_000 }));
    const queued = codeOf(run(increment(), { timeout: 60_000 }));
    await client.close();
    expect([await call, await queued]).toEqual([AMBIGUOUS, UNAVAILABLE]);
    expect(await codeOf(run(increment()))).toBe(UNAVAILABLE);
  });

  it('go out on a second lane when many wait, all that are there by then', async () => {
    const calls = Array.from({ length: 301 }, (_, index) =>
      run({ name: 'has', key: `k${index}` }, { timeout: 5_000 }),
    );
    expect(executor.batches.map(({ operations }) => operations.length)).toEqual([1]);
    await new Promise(resolve => setImmediate(resolve));
    expect(executor.batches.map(({ operations }) => operations.length)).toEqual([1, 300]);
    expect(new Set(executor.batches.map(({ lane }) => lane)).size).toBe(2);
    for (const count of [1, 300]) {
      await executor.answer({
        type: 'applied',
        results: Array.from({ length: count }, () => true),
      });
    }
    expect(await Promise.all(calls)).toEqual(calls.map(() => true));
  });

  it('that need order have it, however many wait and whatever is refused meanwhile', async () => {
    const calls = Array.from({ length: 301 }, (_, n) => run(append(n), { timeout: 5_000 }));
    await executor.answer({ type: 'refused', why: 'it is full' });
    // Others do not wait for them.
    void codeOf(run(increment()));
    expect(executor.batches.map(({ operations }) => operations)).toEqual([
      [append(0)],
      [increment()],
    ]);
    executor.observer!.onAvailable();
    expect(executor.batches[2]).toEqual(executor.batches[0]);
    await executor.answer({ type: 'applied', results: [{ total: 1 }] });
    await executor.answer({ type: 'void' });
    const [, , , again, rest] = executor.batches;
    expect(rest).toBeUndefined();
    expect(again?.operations).toEqual(Array.from({ length: 301 }, (_, n) => append(n)));
    await executor.answer({ type: 'applied', results: calls.map((_, n) => `1-${n}`) });
    expect(await Promise.all(calls)).toEqual(calls.map((_, n) => `1-${n}`));
  });

  it('are divided into batches of a bearable size', async () => {
    executor.unavailableSince = performance.now() + 1e9;
    const calls = Array.from({ length: 700 }, (_, index) =>
      run({ name: 'get', key: `k${index}` }, { timeout: 5_000 }),
    );
    const value = 'x'.repeat(300 * 1024);
    for (const key of ['l1', 'l2']) {
      calls.push(run({ name: 'set', key, value }, { timeout: 5_000 }));
    }
    for (const key of ['t1', 't2']) {
      calls.push(run({ name: 'append', key, event: value, keep: 1 }, { timeout: 5_000 }));
    }
    for (let index = 0; index < 15; index++) {
      calls.push(run({ name: 'history', key: 't', after: '0-0', count: 9 }, { timeout: 5_000 }));
    }
    executor.unavailableSince = undefined;
    executor.observer!.onAvailable();
    for (let batch = 0; batch < executor.batches.length; batch++) {
      const results = executor.batches[batch]!.operations.map(() => null);
      await executor.answer({ type: 'applied', results });
    }
    await Promise.all(calls);
    expect(executor.batches.map(({ operations }) => operations.length)).toEqual([
      500, 1, 201, 1, 4, 7, 5,
    ]);
  });
});

async function ambiguousId(operation: Operation = increment()): Promise<string> {
  const call = run(operation);
  await executor.answer(UNKNOWN);
  const id = call.then(
    () => '',
    (error: { operationId: string }) => error.operationId,
  );
  return atDeadline(id);
}

describe('what became of an ambiguous call', () => {
  it('is told with the value that the call would have given', async () => {
    const id = await ambiguousId();
    executor.recalled = { total: 42 };
    expect(await client.resolve(id)).toEqual({ status: 'applied', value: 42 });
    executor.recalled = { values: [null] };
    expect(await client.resolve(id)).toEqual({ status: 'not-applied' });
    executor.recalled = undefined;
    expect(await client.resolve(id)).toEqual({ status: 'not-applied' });
  });

  it.each<[Operation, OperationResult, unknown]>([
    [{ name: 'replace', key: 'k', expected: null, value: '1' }, true, { status: 'applied' }],
    [{ name: 'replace', key: 'k', expected: null, value: '1' }, false, { status: 'not-applied' }],
    [{ name: 'setIfAbsent', key: 'k', value: '1' }, false, { status: 'not-applied' }],
    [{ name: 'set', key: 'k', value: '1' }, true, { status: 'applied' }],
    [{ name: 'delete', key: 'k' }, true, { status: 'applied', value: true }],
    [
      { name: 'hit', key: 'k', count: 1, limit: 1, window: 1 },
      { allowed: 1, remaining: 0, resetAfter: 5 },
      { status: 'applied', value: { allowed: true, remaining: 0, resetAfter: 5 } },
    ],
    [increment(), { failed: 'type', found: 'map' }, { status: 'not-applied' }],
  ])('is told as it would have been: %j %j', async (operation, result, outcome) => {
    const id = await ambiguousId(operation);
    executor.recalled = result;
    expect(await client.resolve(id)).toEqual(outcome);
  });

  it('is not waited for longer than for a call', async () => {
    const id = await ambiguousId();
    executor.recall = () => new Promise(() => {});
    const suspected = executor.suspected;
    expect(await atDeadline(codeOf(client.resolve(id)))).toBe(UNAVAILABLE);
    expect(executor.suspected).toBe(suspected + 1);
  });

  it('is forgotten at some time', async () => {
    const id = await ambiguousId();
    const longAgo = id.replace(/\d+$/, '1000');
    expect(await client.resolve(longAgo)).toEqual({ status: 'forgotten' });
  });

  it('cannot be told of what is no operation id', async () => {
    await expect(client.resolve('nonsense')).rejects.toMatchObject({ code: 'CLUSTER_STATE_INPUT' });
  });
});
