import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Entry } from '../../../../src/state/client/batching.js';
import { Call } from '../../../../src/state/client/call.js';
import { Lane } from '../../../../src/state/client/lane.js';
import type { Operation } from '../../../../src/state/operation.js';
import { DEFERRED, type Outcome } from '../../../../src/state/state-executor.interface.js';
import { monotonicNow } from '../../../../src/system/time/monotonic-now.js';
import { fakedExcept } from '../../../support/faked-timers.mjs';
import { FakeExecutor } from '../../../support/fakes/fake-executor.js';

const bounds = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };

const APPLIED: Outcome = { type: 'applied', results: [{ total: 1 }] };
const UNKNOWN: Outcome = { type: 'unknown', why: 'no answer' };
const REFUSED: Outcome = { type: 'refused', why: 'not now' };
const FULL: Outcome = { type: 'full', why: 'no room' };

let executor: FakeExecutor;
let lane: Lane;
/** What callers were told: values, and the codes of errors. */
let told: unknown[];
let returned: Call[];
let freed: number;

beforeEach(() => {
  executor = new FakeExecutor();
  told = [];
  returned = [];
  freed = 0;
  let names = 0;
  lane = new Lane(0, executor, () => `lane-${++names}`, {
    onFree: () => freed++,
    onReturned: calls => returned.push(...calls),
  });
});

function entry(operation: Operation = increment(), timeout = 10_000, replicas = 0): Entry {
  const call = new Call(
    operation,
    monotonicNow() + timeout,
    replicas,
    result => result,
    value => told.push(value),
    error => told.push((error as { code: string }).code),
  );
  return { operation, calls: [call] };
}

function read(key: string): Operation {
  return { name: 'get', key };
}

function increment(): Operation<'increment'> {
  return { name: 'increment', key: 'sold', runs: [[1, 1]], ...bounds };
}

/** Some time later, all callers' time is over. */
function expire(): void {
  const seen = { next: Infinity, count: 0 };
  for (const _ of lane.expire(monotonicNow() + 60_000, seen)) {
    // It pauses here.
  }
}

const sequences = (): string[] => executor.batches.map(each => `${each.lane} ${each.sequence}`);

/** What was tried in vain is tried again within this. */
const retried = (): Promise<unknown> => vi.advanceTimersByTimeAsync(25);

describe('a lane', () => {
  it('has one batch under way, and numbers them', async () => {
    lane.send([entry()]);
    expect(lane.isFree).toBe(false);
    await executor.answer(APPLIED);
    expect([lane.isFree, freed, told]).toEqual([true, 1, [1]]);
    lane.send([entry()]);
    expect(sequences()).toEqual(['lane-1 1', 'lane-1 2']);
  });

  it.each([UNKNOWN, REFUSED])('tries the same batch again after %j', async outcome => {
    vi.useFakeTimers({ toFake: fakedExcept('setImmediate') });
    try {
      lane.send([entry()]);
      await executor.answer(outcome);
      expect([executor.batches.length, lane.trouble?.why]).toEqual([1, outcome.why]);
      await retried();
      expect(sequences()).toEqual(['lane-1 1', 'lane-1 1']);
      await executor.answer(APPLIED);
      expect(told).toEqual([1]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('returns what was not carried out, without those who have been told', async () => {
    const settled = entry();
    lane.send([settled, entry()]);
    settled.calls[0]!.fail(new Error('over'));
    await executor.answer({ type: 'void' });
    expect([returned.length, lane.isFree, freed]).toEqual([1, true, 1]);
  });

  it('returns the reads that were deferred, in their order, and settles the others', async () => {
    lane.send([entry(read('a')), entry(read('b')), entry(), entry(read('c'))]);
    await executor.answer({
      type: 'applied',
      results: ['"A"', DEFERRED, { total: 1 }, DEFERRED],
    });
    expect(told).toEqual(['"A"', 1]);
    expect(returned.map(({ operation }) => operation.key)).toEqual(['b', 'c']);
    expect([lane.isFree, freed]).toEqual([true, 1]);
  });

  it('tells at once that there is no room, but not if an attempt may have been carried out', async () => {
    vi.useFakeTimers({ toFake: fakedExcept('setImmediate') });
    try {
      lane.send([entry()]);
      await executor.answer(FULL);
      expect(told).toEqual(['CLUSTER_STATE_FULL']);
      lane.send([entry()]);
      await executor.answer(UNKNOWN);
      await retried();
      await executor.answer(FULL);
      expect([told.length, lane.isFree]).toEqual([1, false]);
      await retried();
      await executor.answer(APPLIED);
      expect(told.slice(1)).toEqual([1]);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([
    [REFUSED, 'CLUSTER_STATE_UNAVAILABLE'],
    [UNKNOWN, 'CLUSTER_STATE_AMBIGUOUS'],
  ])('sends no batch again after the final %j', async (outcome, code) => {
    lane.send([entry(), entry(read('a'))]);
    await executor.answer({ ...outcome, isFinal: true });
    expect(told).toEqual([code, 'CLUSTER_STATE_UNAVAILABLE']);
    expect([executor.batches.length, lane.isFree, freed]).toEqual([1, true, 1]);
  });

  it('takes an answer with too few results for none', async () => {
    lane.send([entry(), entry()]);
    await executor.answer(APPLIED);
    expect([told, lane.isFree]).toEqual([[], false]);
    lane.close('closed');
    expect(told).toEqual(['CLUSTER_STATE_AMBIGUOUS', 'CLUSTER_STATE_AMBIGUOUS']);
  });

  it('tells of the one result that it cannot read that it is ambiguous, and of the others what they are', async () => {
    lane.send([entry(), entry()]);
    await executor.answer({
      type: 'applied',
      results: [{ unreadable: 'too new' }, { total: 7 }],
    });
    expect(told).toEqual(['CLUSTER_STATE_AMBIGUOUS', 7]);
    expect(lane.isFree).toBe(true);
  });

  it('keeps its name if it is known that nothing was carried out', async () => {
    lane.send([entry()]);
    await executor.answer(REFUSED);
    expire();
    expect([told, freed, executor.suspected]).toEqual([['CLUSTER_STATE_UNAVAILABLE'], 1, 0]);
    lane.send([entry()]);
    expect(sequences().at(-1)).toBe('lane-1 2');
  });

  it('takes another name once a caller was told that it may have been, and suspects who owes an answer', () => {
    lane.send([entry()]);
    expire();
    expect([told, freed, executor.suspected]).toEqual([['CLUSTER_STATE_AMBIGUOUS'], 1, 1]);
    lane.send([entry()]);
    expect(sequences().at(-1)).toBe('lane-2 1');
  });

  it('does not hear a late answer to what nobody waits for', async () => {
    lane.send([entry()]);
    expire();
    lane.send([entry()]);
    await executor.answer(APPLIED);
    expect([told.length, lane.isFree]).toEqual([1, false]);
    await executor.answer(APPLIED);
    expect([told.at(-1), lane.isFree]).toEqual([1, true]);
  });

  it('is never ambiguous about what only reads', () => {
    lane.send([entry({ name: 'get', key: 'sold' })]);
    expire();
    expect(told).toEqual(['CLUSTER_STATE_UNAVAILABLE']);
    lane.send([entry()]);
    expect(sequences().at(-1)).toBe('lane-1 2');
  });

  it('waits for a backend that is away', () => {
    executor.unavailableSince = 1;
    lane.send([entry()]);
    lane.resume();
    expect(executor.batches).toEqual([]);
    executor.unavailableSince = undefined;
    lane.resume();
    expect(sequences()).toEqual(['lane-1 1']);
  });

  it('begins no attempt just before its callers are told that nothing was carried out', () => {
    executor.unavailableSince = 1;
    lane.send([entry(increment(), 90)]);
    executor.unavailableSince = undefined;
    lane.resume();
    expect(executor.batches).toEqual([]);
    lane.extend(monotonicNow() + 10_000);
    lane.resume();
    expect(sequences()).toEqual(['lane-1 1']);
  });

  it('goes to the earliest deadline of its callers, and to the most replicas', () => {
    const [first, second] = [entry(increment(), 5_000, 2), entry(increment(), 3_000, 1)];
    lane.send([first, second]);
    expect(executor.batches[0]).toMatchObject({
      deadline: second.calls[0]!.deadline,
      replicas: 2,
    });
  });
});
