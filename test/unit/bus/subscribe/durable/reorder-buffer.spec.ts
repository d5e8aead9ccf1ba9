import { beforeEach, expect, it } from 'vitest';
import { stepBetween } from '../../../../../src/bus/gaps/offset-step.js';
import { ReorderBuffer } from '../../../../../src/bus/subscribe/durable/reorder-buffer.js';

type Placed = { readonly offset: string };

let buffer: ReorderBuffer<Placed>;

const insert = (...offsets: string[]): void => offsets.forEach(offset => buffer.insert({ offset }));

const isNext = ({ offset }: Placed, last: string): boolean =>
  stepBetween(last, offset).type === 'next';

const take = (last: string, mayTake: (event: Placed, last: string) => boolean): string[] =>
  buffer.takeWhile(last, mayTake).map(({ offset }) => offset);

const all = (): boolean => true;

beforeEach(() => {
  buffer = new ReorderBuffer();
});

it('returns events in the order of their offsets, also of those after a restart of the numbering', () => {
  insert('7-9', '7-10', '8-1', '7-2');
  expect(take('0-0', all)).toEqual(['7-2', '7-9', '7-10', '8-1']);
  expect(buffer.isEmpty).toBe(true);
});

it('has each event once', () => {
  const first = { offset: '7-2' };
  buffer.insert(first);
  insert('7-3', '7-2', '7-3');
  expect(buffer.takeWhile('7-1', all)).toEqual([first, { offset: '7-3' }]);
});

it('returns consecutive events up to the first gap, and has the others still', () => {
  insert('7-6', '7-3', '7-5', '7-2');
  expect(take('7-1', isNext)).toEqual(['7-2', '7-3']);
  expect(buffer.isEmpty).toBe(false);
  expect(take('7-3', isNext)).toEqual([]);
  insert('7-4');
  expect(take('7-3', isNext)).toEqual(['7-4', '7-5', '7-6']);
});

it('drops events that were delivered already, whether or not others may be taken', () => {
  insert('7-2', '7-3', '7-5');
  expect(take('7-3', () => false)).toEqual([]);
  expect(take('0-0', all)).toEqual(['7-5']);
});

it('is full with 1,000 events, and takes more', () => {
  insert(...Array.from({ length: 999 }, (_, index) => `7-${index + 1}`));
  expect([buffer.isEmpty, buffer.isFull]).toEqual([false, false]);
  insert('7-1000');
  expect(buffer.isFull).toBe(true);
  insert('7-1001');
  expect(take('7-999', all)).toEqual(['7-1000', '7-1001']);
  expect([buffer.isEmpty, buffer.isFull]).toEqual([true, false]);
});
