import { beforeEach, describe, expect, it } from 'vitest';
import { LockSpace } from '../../../../../src/state/backends/memory/memory-locks.js';
import { MemoryBackend } from '../../../../../src/state/backends/memory/memory-backend.js';
import { MEMORY_CLOCK } from '../../../../../src/state/backends/memory/memory-clock.js';
import { MemoryBudget } from '../../../../../src/state/backends/memory/memory-budget.js';
import type { Operation, OperationResult, Operations } from '../../../../../src/state/operation.js';
import { DEFERRED } from '../../../../../src/state/state-executor.interface.js';
import { stateMemory } from '../../../../../src/config/state-memory.js';

const MEBIBYTE = 1024 * 1024;

const BIG = JSON.stringify('x'.repeat(100_000));

let budget: MemoryBudget;
let memory: MemoryBackend;
let sequence: number;

beforeEach(() => {
  useBudget(MEBIBYTE);
  sequence = 0;
});

/** A memory that may use so many bytes. */
function useBudget(limit: number): void {
  budget = new MemoryBudget(limit);
  memory = new MemoryBackend(
    () => {},
    () => {},
    undefined,
    budget,
  );
}

function runAll(...operations: Operation[]): readonly OperationResult[] {
  const batch = { partition: 0, lane: 'a', sequence: ++sequence, deadline: Infinity, replicas: 0 };
  const outcome = memory.execute({ ...batch, operations });
  if (outcome.type !== 'applied') {
    throw new Error(outcome.type);
  }
  return outcome.results as readonly OperationResult[];
}

function run(operation: Operation): OperationResult {
  return runAll(operation)[0]!;
}

const FULL = {
  failed: 'full',
  found: expect.stringMatching(/^the memory of the primary is full \(\S+ of 1\.0 MiB are used/),
};

/** Values until no small one fits any more. */
function fill(): void {
  for (const size of [100_000, 1_000, 1]) {
    let n = 0;
    const value = JSON.stringify('x'.repeat(size));
    while (run({ name: 'set', key: `filled-${size}-${n}`, value }) === true) {
      n++;
    }
  }
}

const GROWING: readonly Operation[] = [
  { name: 'set', key: 'k', value: '1' },
  { name: 'setIfAbsent', key: 'k', value: '1' },
  { name: 'replace', key: 'k', expected: null, value: '1' },
  { name: 'increment', key: 'k', runs: [[1, 1]], min: 0, max: 9 },
  { name: 'mapSet', key: 'k', field: 'f', value: '1' },
  { name: 'mapIncrement', key: 'k', field: 'f', by: 1 },
  { name: 'scoreSet', key: 'k', member: 'm', score: 1 },
  { name: 'scoreIncrement', key: 'k', member: 'm', by: 1 },
  { name: 'lockAcquire', key: 'k', owner: 'c.1', lease: 1_000, wait: 0 },
  { name: 'hit', key: 'k', count: 1, limit: 5, window: 1_000 },
  { name: 'append', key: 'k', event: '{}', keep: 5 },
  { name: 'groupJoin', key: 'k', group: 'g' },
  { name: 'groupTake', key: 'k', group: 'g', member: 'm', count: 1, again: false },
];

describe('a memory that is full', () => {
  it.each(GROWING)('refuses what would grow it, and changes nothing: $name', operation => {
    fill();
    const before = budget.used;
    expect(run(operation)).toEqual(FULL);
    expect(run({ name: 'has', key: 'k' })).toBe(false);
    // The answer is remembered.
    expect(budget.used - before).toBeLessThan(200);
    run({ name: 'delete', key: 'filled-1000-0' });
    expect(run(operation)).not.toEqual(FULL);
  });

  it('refuses some operations of a batch, and carries out the others', () => {
    run({ name: 'set', key: 'n', value: '9' });
    fill();
    const increment = { name: 'increment', key: 'n', runs: [[1, 1]], min: 0, max: 99 } as const;
    expect(runAll({ name: 'set', key: 'big', value: BIG }, increment)).toEqual([
      FULL,
      { total: 10 },
    ]);
  });

  it('reads, shrinks, deletes, releases, and goes on with what is there', () => {
    const lock = { name: 'lockAcquire', key: 'l', owner: 'c.1', lease: 60_000, wait: 0 } as const;
    run(lock);
    run({ name: 'lockAcquire', key: 'l', owner: 'd.1', lease: 60_000, wait: 60_000 });
    run({ name: 'set', key: 'k', value: '"text"' });
    run({ name: 'scoreSet', key: 'b', member: 'm', score: 1 });
    run({ name: 'mapSet', key: 'm', field: 'f', value: '1' });
    run({ name: 'groupJoin', key: 't', group: 'g' });
    run({ name: 'append', key: 't', event: '{"n":1}', keep: 1 });
    fill();
    expect(run({ name: 'get', key: 'k' })).toBe('"text"');
    expect(run({ name: 'set', key: 'k', value: '"next"' })).toBe(true);
    expect(run({ name: 'scoreSet', key: 'b', member: 'm', score: 2 })).toBe(false);
    expect(run({ name: 'mapSet', key: 'm', field: 'f', value: '2' })).toBe(false);
    // A topic that has its bounds drops its oldest.
    expect(run({ name: 'append', key: 't', event: '{"n":2}', keep: 1 })).toMatch(/-2$/);
    const take = { name: 'groupTake', key: 't', group: 'g', member: 'm', count: 9 } as const;
    expect(run({ ...take, again: false })).toMatchObject({ entries: [{ 1: '{"n":2}' }] });
    expect(run({ ...lock, lease: 50_000 })).toMatchObject({ token: expect.any(Number) });
    expect(run({ name: 'lockRenew', key: 'l', owner: 'c.1', lease: 60_000 })).toBe(true);
    // One that asks once, and finds it taken, is told so.
    expect(run({ ...lock, owner: 'e.1' })).toMatchObject({ heldFor: expect.any(Number) });
    expect(run({ name: 'lockRelease', key: 'l', owner: 'c.1' })).toBe(true);
    expect(run({ name: 'lockRelease', key: 'l', owner: 'd.1' })).toBe(true);
    expect(run({ name: 'delete', key: 'filled-100000-0' })).toBe(true);
    expect(run({ name: 'set', key: 'new', value: BIG })).toBe(true);
  });

  it('counts nothing any more once all is gone', () => {
    run({ name: 'get', key: 'x' });
    const before = budget.used;
    run({ name: 'set', key: 'k', value: BIG, ttl: 60_000 });
    run({ name: 'set', key: 'k', value: '1' });
    run({ name: 'mapSet', key: 'm', field: 'f', value: '1' });
    run({ name: 'mapSet', key: 'm', field: 'f', value: BIG });
    run({ name: 'mapSet', key: 'm', field: 'g', value: BIG });
    run({ name: 'mapDelete', key: 'm', field: 'f' });
    run({ name: 'mapDelete', key: 'm', field: 'g' });
    run({ name: 'scoreSet', key: 'b', member: 'm', score: 1 });
    run({ name: 'scoreSet', key: 'b', member: 'm', score: 2 });
    run({ name: 'scoreRemove', key: 'b', member: 'm' });
    for (const owner of ['c.1', 'd.1', 'c.2']) {
      run({ name: 'lockAcquire', key: 'l', owner, lease: 60_000, wait: 60_000 });
    }
    for (const owner of ['d.1', 'c.1', 'c.2']) {
      run({ name: 'lockRelease', key: 'l', owner });
    }
    run({ name: 'delete', key: 'k' });
    run({ name: 'get', key: 'x' });
    expect(budget.used).toBe(before);
  });

  it('counts what is pending in groups until it is done', () => {
    run({ name: 'groupJoin', key: 't', group: 'g' });
    const offsets = [1, 2, 3].map(
      n => run({ name: 'append', key: 't', event: `${n}`, keep: 9 }) as string,
    );
    run({ name: 'get', key: 'x' });
    const before = budget.used;
    const take = { key: 't', group: 'g', member: 'm', count: 9, again: false } as const;
    run({ name: 'groupTake', ...take });
    run({ name: 'get', key: 'x' });
    expect(budget.used).toBeGreaterThan(before);
    run({ name: 'groupDone', key: 't', group: 'g', offsets });
    run({ name: 'get', key: 'x' });
    expect(budget.used).toBe(before);
  });

  it('defers the reads for which the answer has no room, but no write', () => {
    useBudget(16 * MEBIBYTE);
    const value = JSON.stringify('x'.repeat(MEBIBYTE));
    run({ name: 'set', key: 'k', value });
    const read = { name: 'get', key: 'k' } as const;
    const small = { name: 'has', key: 'k' } as const;
    const write = { name: 'set', key: 'l', value: '1' } as const;
    const operations = [read, read, read, read, small, write, read];
    const results = [value, value, value, DEFERRED, DEFERRED, true, DEFERRED];
    expect(runAll(...operations)).toEqual(results);
    // The answer was lost: the write is not applied again, and reads are.
    sequence--;
    expect(runAll(...operations)).toEqual(results);
    expect(run({ name: 'get', key: 'l' })).toBe('1');
  });

  it('always answers the first read', () => {
    useBudget(64 * MEBIBYTE);
    const value = JSON.stringify('x'.repeat(10 * MEBIBYTE));
    run({ name: 'set', key: 'k', value });
    const read = { name: 'get', key: 'k' } as const;
    expect(runAll(read, read)).toEqual([value, DEFERRED]);
  });
});

describe('a history', () => {
  it('keeps no more bytes than it may, and always the last event', () => {
    const append = (n: number, length: number): OperationResult =>
      run({
        name: 'append',
        key: 't',
        event: JSON.stringify({ n, text: 'x'.repeat(length) }),
        keep: 100,
        maxBytes: 10_000,
      });
    for (let n = 1; n <= 20; n++) {
      append(n, 800);
    }
    const history = { name: 'history', key: 't', after: '0-0', count: 100 } as const;
    const { entries } = run(history) as Operations['history']['gives'];
    expect(entries.length).toBeGreaterThan(5);
    expect(entries.length).toBeLessThan(13);
    expect(entries.at(-1)![0]).toMatch(/-20$/);
    append(21, 50_000);
    expect((run(history) as Operations['history']['gives']).entries).toHaveLength(1);
  });
});

describe('a lock that nobody releases', () => {
  it('is forgotten, with its owners, when its lease and the waits for it are over', () => {
    const locks = new LockSpace(() => {}, MEMORY_CLOCK, budget);
    const now = 1_000_000;
    const lock = locks.at('l', now);
    locks.grant(lock, 'c.1', 500, now);
    lock.queue.set('d.1', now + 800);
    locks.note('l', 'd.1');
    locks.changed(lock, now + 800);
    expect(locks.peek('l', now + 799)).toBe(lock);
    expect(locks.peek('l', now + 800)).toBeUndefined();
    expect([...locks.heldBy('c'), ...locks.heldBy('d')]).toEqual([]);
    expect(budget.used).toBe(0);
  });
});

describe('how much of a heap the state may use', () => {
  it.each([
    ['half of it', { share: 0.5 }, 4096, 2048],
    ['what is asked for', 100 * MEBIBYTE, 4096, 100],
    ['no more than what the process itself leaves', 9000 * MEBIBYTE, 512, 432],
    ['a little, of a small one', { share: 0.5 }, 112, 32],
    ['very little, of a very small one', { share: 0.5 }, 64, 8],
  ])('is %s', (_, bound, heap, expected) => {
    expect(stateMemory(bound, heap * MEBIBYTE)).toBe(expected * MEBIBYTE);
  });
});

describe('a read that is large', () => {
  it('fails for good if it does not fit into an answer, and fits or not whatever is read beside it', () => {
    useBudget(16 * MEBIBYTE);
    for (let n = 0; n < 50; n++) {
      expect(run({ name: 'mapSet', key: 'm', field: `f${n}`, value: BIG })).toBe(true);
    }
    const [entries, value] = runAll(
      { name: 'mapEntries', key: 'm' },
      { name: 'mapGet', key: 'm', field: 'f1' },
    );
    expect(entries).toEqual({
      failed: 'backend',
      found: expect.stringMatching(
        /^the map "m" takes (5|10) MiB, .* 4 MiB .* Read its fields with get\(\), or split it/,
      ),
    });
    expect(value).toBe(BIG);
  });

  it('tells which one it was, and what to do', () => {
    useBudget(16 * MEBIBYTE);
    for (let n = 0; n < 5_000; n++) {
      run({ name: 'scoreSet', key: 'b', member: `${n}`.padStart(1_000, 'm'), score: n });
    }
    expect(run({ name: 'scoreTop', key: 'b', count: 1_000_000 })).toEqual({
      failed: 'backend',
      found: expect.stringMatching(/^the leaderboard "b" takes .* Ask for fewer .* top\(count\)$/),
    });
    expect(run({ name: 'scoreTop', key: 'b', count: 10 })).toHaveLength(10);
  });

  it('succeeds if it is one value, whatever its size', () => {
    useBudget(32 * MEBIBYTE);
    const value = JSON.stringify('x'.repeat(10 * MEBIBYTE));
    expect(run({ name: 'set', key: 'k', value })).toBe(true);
    expect(run({ name: 'get', key: 'k' }) === value).toBe(true);
  });
});
