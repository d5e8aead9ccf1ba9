import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { monotonicNow } from '../../../../../src/system/time/monotonic-now.js';
import {
  type Expiring,
  ExpiringMap,
} from '../../../../../src/state/backends/memory/structures/expiring-map.js';
import { MemoryBackend } from '../../../../../src/state/backends/memory/memory-backend.js';
import { SortedMembers } from '../../../../../src/state/backends/memory/structures/sorted-members.js';
import type { Operation } from '../../../../../src/state/operation.js';
import type { Batch } from '../../../../../src/state/state-executor.interface.js';

function batch(sequence: number, operations: readonly Operation[], deadline = Infinity): Batch {
  return { partition: 0, lane: 'lane', sequence, deadline, replicas: 0, operations };
}

const increment: Operation = { name: 'increment', key: 'n', runs: [[1, 1]], min: 0, max: 2 };

describe('the memory', () => {
  const memory = new MemoryBackend(() => {});

  it('carries out a batch once, however often it comes; what only reads is read again', () => {
    const first = batch(1, [increment, { name: 'get', key: 'n' }]);
    expect(memory.execute(first)).toEqual({ type: 'applied', results: [{ total: 1 }, '1'] });
    memory.execute({ ...batch(1, [increment]), lane: 'another' });
    expect(memory.execute(first)).toEqual({ type: 'applied', results: [{ total: 1 }, '2'] });
  });

  it('does not carry out what is late, or older than what it has carried out', () => {
    const tooLate = batch(2, [increment], monotonicNow() - 1);
    expect(memory.execute(tooLate)).toEqual({ type: 'void' });
    memory.execute(batch(3, [{ name: 'has', key: 'n' }]));
    expect(memory.execute(batch(2, [increment]))).toEqual({ type: 'void' });
  });

  it('remembers what came of the last batch of a lane', () => {
    const place = { name: 'increment', partition: 0, lane: 'another', index: 0 } as const;
    const now = monotonicNow();
    expect(memory.recall({ ...place, sequence: 1 }, now)).toEqual({
      result: { total: 2 },
      isRemembered: true,
    });
    expect(memory.recall({ ...place, sequence: 2 }, now)).toEqual({ isRemembered: true });
    expect(memory.recall({ ...place, sequence: 1, lane: 'none' }, now - 3_600_000)).toEqual({
      isRemembered: false,
    });
  });
});

function item(key: string, expiresAt: number): Expiring {
  return { key, expiresAt, due: undefined, bytes: 1 };
}

describe('a map whose items end', () => {
  let map: ExpiringMap<Expiring>;

  beforeEach(() => {
    map = new ExpiringMap();
  });
  afterEach(() => void vi.useRealTimers());

  it('does not have them after their end, whether or not they were swept', () => {
    const now = monotonicNow();
    map.add(item('a', now + 100));
    expect(map.get('a', now + 99)).toBeDefined();
    expect(map.get('a', now + 100)).toBeUndefined();
    expect(map.size).toBe(0);
  });

  it('sweeps what nobody asks for, and nothing else', () => {
    vi.useFakeTimers();
    let now = 0;
    map = new ExpiringMap({ now: () => now });
    const moved = item('moved', now + 10);
    const kept = item('kept', now + 10);
    const replaced = item('b', now + 10);
    [item('a', now + 10), replaced, moved, kept, item('c', Infinity)].forEach(each =>
      map.add(each),
    );
    map.expire(moved, now + 60_000);
    map.expire(kept, Infinity);
    map.delete(replaced);
    map.add(item('b', now + 60_000));
    now = 1_000;
    vi.advanceTimersByTime(1_000);
    expect(map.size).toBe(4);
    for (const key of ['b', 'moved', 'kept', 'c']) {
      expect(map.get(key, now)).toBeDefined();
    }
  });

  it('keeps nothing of what was deleted, though its end is far away', () => {
    const deleted = item('large', monotonicNow() + 3_600_000);
    map.add(deleted);
    const { items } = deleted.due!;
    map.delete(deleted);
    expect(items.size).toBe(0);
    map.add(item('twice', monotonicNow() + 3_600_000));
    const again = item('twice', monotonicNow() + 3_600_000);
    map.add(again);
    expect([...again.due!.items]).toEqual([again]);
    expect(map.size).toBe(1);
  });

  it('looks at few points in time, however different the ends are, and drops those without items', () => {
    const now = monotonicNow();
    const dues = new Set<number>();
    const items = Array.from({ length: 20_000 }, (_, n) => item(`k${n}`, now + 15_000 * (n + 1)));
    for (const each of items) {
      map.add(each);
      dues.add(each.due!.at);
    }
    expect(items.filter(each => each.due!.at > each.expiresAt + 1_000)).toEqual([]);
    expect(dues.size).toBeLessThan(300);
    expect(map.pending).toBe(dues.size);
    items.forEach(each => map.delete(each));
    expect(map.pending).toBe(0);
  });

  it('sweeps at its end what was noted less precisely before', () => {
    vi.useFakeTimers();
    let now = 0;
    map = new ExpiringMap({ now: () => now });
    map.add(item('far', 300_000_500));
    for (const secondsLeft of [64 ** 3, 64 ** 2, 64, 1]) {
      now = 300_000_000 - secondsLeft * 1_000;
      vi.advanceTimersByTime(1_000);
      expect(map.size).toBe(1);
      expect(map.pending).toBe(1);
    }
    now = 300_001_000;
    vi.advanceTimersByTime(1_000);
    expect(map.size).toBe(0);
  });

  it('sweeps an item that ends earlier than it was to', () => {
    vi.useFakeTimers();
    let now = 0;
    map = new ExpiringMap({ now: () => now });
    const early = item('early', 3_600_000);
    map.add(early);
    map.expire(early, 10);
    now = 1_000;
    vi.advanceTimersByTime(1_000);
    expect(map.size).toBe(0);
  });
});

describe('sorted members', () => {
  it('stay in order through any changes', () => {
    const members = new SortedMembers();
    const expected = new Map<string, number>();
    let random = 1;
    const next = (below: number): number => {
      random = (random * 48_271) % 2_147_483_647;
      return random % below;
    };
    const wrong: number[] = [];
    for (let step = 0; step < 20_000; step++) {
      const member = `m${next(5_000)}`;
      if (next(4) === 0) {
        if (members.delete(member) !== expected.delete(member)) {
          wrong.push(step);
        }
      } else {
        const score = next(500);
        if (members.set(member, score) === expected.has(member)) {
          wrong.push(step);
        }
        expected.set(member, score);
      }
    }
    expect(wrong).toEqual([]);
    const sorted = [...expected].toSorted(([a, p], [b, q]) => q - p || (a < b ? 1 : -1));
    expect(members.top(Infinity)).toEqual(sorted);
    expect(members.size).toBe(sorted.length);
    sorted.forEach(([member], index) => {
      if (index % 97 === 0) {
        expect(members.rank(member)).toBe(index);
      }
    });
  });
});
