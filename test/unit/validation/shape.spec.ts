import { describe, expect, it } from 'vitest';
import {
  anything,
  boolean,
  integer,
  literal,
  matching,
  nothing,
  number,
  text,
} from '../../../src/validation/shape/scalars.js';
import {
  either,
  list,
  nullable,
  object,
  optional,
  record,
  tagged,
} from '../../../src/validation/shape/structures.js';
import type { Shape } from '../../../src/validation/shape/shape.js';
import { describeMismatch } from '../../../src/validation/shape/describe-mismatch.js';

type Message =
  { readonly type: 'move'; readonly to: number; readonly why?: string } | { readonly type: 'stop' };

const message: Shape<Message> = tagged<'type', Message>('type', {
  move: object({ type: literal('move'), to: integer({ min: 0, max: 9 }), why: optional(text()) }),
  stop: object({ type: literal('stop') }),
});

describe('shapes', () => {
  it.each<[string, Shape<unknown>, unknown]>([
    ['anything', anything, undefined],
    ['nothing', nothing, null],
    ['boolean', boolean, false],
    ['text', text({ maxLength: 2 }), 'ab'],
    ['matching', matching(/^\d+$/, 'digits'), '12'],
    ['integer', integer(), -3],
    ['number', number({ min: 0.5 }), 0.5],
    ['literal', literal('a', 1, null), 1],
    ['list', list(integer()), [1, 2]],
    ['an empty list', list(integer()), []],
    ['record', record(boolean), { a: true }],
    ['nullable', nullable(text()), null],
    ['either', either('a text or a number', text(), number()), 1],
    ['tagged', message, { type: 'move', to: 3 }],
    ['a property that nobody knows', message, { type: 'stop', since: 'v2' }],
  ])('accept %s', (_, shape, value) => {
    expect(shape(value)).toBeUndefined();
  });

  it.each<[Shape<unknown>, unknown, string]>([
    [nothing, undefined, 'value should be null, not undefined'],
    [boolean, 1, 'value should be true or false, not 1'],
    [text({ maxLength: 2 }), 'abc', 'value should be a string of at most 2 characters, not "abc"'],
    [text(), ['a'], 'value should be a string, not a list of 1'],
    [matching(/^\d+$/, 'digits'), 'x', 'value should be digits, not "x"'],
    [integer(), 1.5, 'value should be an integer, not 1.5'],
    [integer({ min: 1 }), 0, 'value should be an integer of at least 1, not 0'],
    [integer({ min: 1, max: 9 }), -5, 'value should be an integer from 1 to 9, not -5'],
    [integer(), 2 ** 53, 'value should be an integer, not 9007199254740992'],
    [number({ max: 9 }), NaN, 'value should be a number of at most 9, not NaN'],
    [number(), Infinity, 'value should be a number, not Infinity'],
    [literal('a', 'b'), 'c', 'value should be "a" or "b", not "c"'],
    [list(text()), ['a', null], '"[1]" should be a string, not null'],
    [
      list(text(), { maxLength: 1 }),
      ['a', 'b'],
      'value should be a list of at most 1 items, not a list of 2',
    ],
    [list(text()), { length: 1 }, 'value should be a list, not an object'],
    [record(text()), { a: 1 }, '"a" should be a string, not 1'],
    [
      record(text(), { maxLength: 0 }),
      { a: '' },
      'value should be an object of at most 0 properties, not an object',
    ],
    [record(text()), [], 'value should be an object, not a list of 0'],
    [either('a text', text()), 1, 'value should be a text, not 1'],
    [message, null, 'value should be an object, not null'],
    [message, { type: 'toString' }, '"type" should be "move" or "stop", not "toString"'],
    [message, {}, '"type" should be "move" or "stop", not undefined'],
    [message, { type: 'move' }, '"to" should be an integer from 0 to 9, not undefined'],
    [message, { type: 'move', to: 1, why: null }, '"why" should be a string, not null'],
    [
      list(message),
      [{ type: 'move', to: -1 }],
      '"[0].to" should be an integer from 0 to 9, not -1',
    ],
  ])('refuse what does not fit (%#)', (shape, value, expected) => {
    const mismatch = shape(value);
    expect(mismatch && describeMismatch(mismatch)).toBe(expected);
  });

  it('are not fooled by what an object inherits', () => {
    const inherited = Object.create({ type: 'stop' }) as unknown;
    expect(message(inherited)).toMatchObject({ path: ['type'] });
    expect(object<{ a: string }>({ a: text() })(Object.create({ a: 'x' }))).toBeDefined();
  });

  it('show what was received on one short line', () => {
    const mismatch = integer()(`\u001B[2J\n${'x'.repeat(1_000)}`)!;
    const phrase = describeMismatch(mismatch, 'the answer');
    expect(phrase).toMatch(/^the answer should be an integer, not "\\x1b\[2J\\nx+…"$/);
    expect(phrase.length).toBeLessThan(120);
  });
});
