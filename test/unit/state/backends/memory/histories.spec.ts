import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryBackend } from '../../../../../src/state/backends/memory/memory-backend.js';
import { BEGINNING } from '../../../../../src/state/offset.js';
import type { Operation, OperationName, Operations } from '../../../../../src/state/operation.js';

const topic = 'orders';
const group = 'mailers';
const onAppend = vi.fn<(topic: string, offset: string, event: string) => void>();

let memory: MemoryBackend;
let sequence: number;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000 });
  onAppend.mockClear();
  const clock = { now: () => Date.now(), stamp: () => Date.now() };
  memory = new MemoryBackend(() => {}, onAppend, clock);
  sequence = 0;
});

afterEach(() => {
  vi.useRealTimers();
});

type Gives<Name extends OperationName> = Operations[Name]['gives'];

function run<Name extends OperationName>(operation: Operation<Name>): Gives<Name> {
  const outcome = memory.execute({
    partition: 0,
    lane: 'lane',
    sequence: ++sequence,
    deadline: Infinity,
    replicas: 0,
    operations: [operation as Operation],
  });
  if (outcome.type !== 'applied') {
    throw new Error(outcome.type);
  }
  return outcome.results[0] as Gives<Name>;
}

function append(event: string, keep = 3, maxAge?: number): Gives<'append'> {
  return run({ name: 'append', key: topic, event, keep, ...(maxAge && { maxAge }) });
}

function take(member: string, count = 10, again = false): Gives<'groupTake'> {
  return run({ name: 'groupTake', key: topic, group, member, count, again });
}

describe('the history of a topic in memory', () => {
  it('tells of each event that is kept, once it can be read', () => {
    onAppend.mockImplementationOnce((key, offset, event) => {
      expect(run({ name: 'newest', key })).toEqual([offset, event]);
    });
    append('"a"');
    expect(onAppend.mock.calls).toEqual([[topic, '1000-1', '"a"']]);
  });

  it('drops what is too old, except for the last', () => {
    append('1', 10, 500);
    vi.setSystemTime(1_400);
    append('2', 10, 500);
    vi.setSystemTime(1_501);
    append('3', 10, 500);
    expect(run({ name: 'history', key: topic, after: BEGINNING, count: 10 })).toEqual({
      entries: [
        ['1000-2', '2'],
        ['1000-3', '3'],
      ],
      last: '1000-3',
      follows: false,
    });
    vi.setSystemTime(90_000);
    expect(run({ name: 'newest', key: topic })).toEqual(['1000-3', '3']);
    append('4', 10, 500);
    expect(run({ name: 'history', key: topic, after: BEGINNING, count: 10 })).toEqual({
      entries: [['1000-4', '4']],
      last: '1000-4',
      follows: false,
    });
  });

  it('does not drop all of a long one at once', () => {
    Array.from({ length: 250 }, () => append('0', 1_000, 500));
    vi.setSystemTime(9_000);
    append('1', 1_000, 500);
    const left = run({ name: 'history', key: topic, after: BEGINNING, count: 1_000 });
    expect(left).toMatchObject({ last: '1000-251', entries: { length: 151 } });
  });

  it('is empty for who has an offset of a later one', () => {
    append('1');
    expect(run({ name: 'history', key: topic, after: '1001-1', count: 1 })).toEqual({
      entries: [],
      last: '1000-1',
      follows: false,
    });
  });

  it('does not hand over more at once than can be borne, but one event always', () => {
    const large = JSON.stringify('x'.repeat(300 * 1024));
    const larger = JSON.stringify('x'.repeat(600 * 1024));
    [larger, large, '1', large].forEach(event => append(event, 10));
    expect(run({ name: 'history', key: topic, after: BEGINNING, count: 10 })).toEqual({
      entries: [['1000-1', larger]],
      last: '1000-4',
      follows: false,
    });
    expect(run({ name: 'history', key: topic, after: '1000-1', count: 10 })).toMatchObject({
      entries: { length: 2 },
      follows: true,
    });
    expect(take('a')).toMatchObject({ entries: { length: 1 } });
    expect(take('a')).toMatchObject({ entries: { length: 2 } });
  });

  it('counts what a group has missed once', () => {
    run({ name: 'groupJoin', key: topic, group });
    ['1', '2', '3', '4', '5'].forEach(event => append(event));
    expect(take('a', 1)).toEqual({ entries: [['1000-3', '3']], missed: 2 });
    ['6', '7', '8', '9'].forEach(event => append(event));
    expect(take('a', 1)).toEqual({ entries: [['1000-7', '7']], missed: 3 });
    // What it took and has not handled can be lost as well, if it has to ask again.
    expect(take('a', 10, true)).toEqual({ entries: [['1000-7', '7']], missed: 1 });
    expect(take('a', 10, true)).toEqual({ entries: [['1000-7', '7']], missed: 0 });
  });
});
