import { describe, expect, it } from 'vitest';
import {
  printable,
  printableError,
  printableLines,
  printableStack,
} from '../../../../src/system/text/printable.js';

describe('printable()', () => {
  it.each([
    ['an ordinary text, ünïcode and 😀', 'an ordinary text, ünïcode and 😀'],
    ['clears\u001b[2J the screen', 'clears\\x1b[2J the screen'],
    ['forges\n[Nest] 1 ERROR', 'forges\\n[Nest] 1 ERROR'],
    ['back\rto\tthe\u0008start\u007f', 'back\\rto\\tthe\\x08start\\x7f'],
    ['C1\u009b2J and \u0085', 'C1\\x9b2J and \\x85'],
    ['lines\u2028and\u2029paragraphs', 'lines\\u2028and\\u2029paragraphs'],
    ['right\u202eto\u2066left\u061c', 'right\\u202eto\\u2066left\\u061c'],
    ['half \ud83d a character', 'half \\ud83d a character'],
    ['a \\n that was escaped before', 'a \\n that was escaped before'],
  ])('shows %j as %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('shortens a long text, and does not cut a character in half', () => {
    expect(printable('abcdef', 3)).toBe('abc…');
    expect(printable('ab😀', 3)).toBe('ab…');
  });

  it('gives the same when it is applied twice', () => {
    const once = printable('a\n\u001b\u202e');
    expect(printable(once)).toBe(once);
  });
});

describe('printableLines()', () => {
  it('keeps lines, and escapes the rest', () => {
    expect(printableLines('one\r\ntwo\u001b[2J\nthree')).toBe('one\ntwo\\x1b[2J\nthree');
  });

  it('is bounded', () => {
    const shown = printableLines(Array(10_000).fill('x'.repeat(10_000)).join('\n'));
    expect(shown.length).toBeLessThan(1_000_000);
  });
});

describe('printableStack()', () => {
  it('has the message in one line, and then the calls', () => {
    const [head, ...calls] = printableStack(new TypeError('payload:\nforged\u001b[2J')).split('\n');
    expect(head).toBe('TypeError: payload:\\nforged\\x1b[2J');
    expect(calls.length).toBeGreaterThan(0);
    calls.forEach(call => expect(call).toMatch(/^ {4}at /));
  });

  it.each([
    [undefined, 'undefined'],
    ['thrown\ntext', 'thrown\\ntext'],
    [Object.create(null), '[Object: null prototype] {}'],
    [Object.assign(new Error('m'), { stack: undefined }), 'm'],
  ])('takes anything that can be thrown', (thrown, shown) => {
    expect(printableStack(thrown)).toBe(shown);
  });
});

describe('printableError()', () => {
  it('is the message in one line', () => {
    expect(printableError(new Error('a\nb'))).toBe('a\\nb');
    expect(printableError(Symbol('s'))).toBe('Symbol(s)');
  });
});

function fail(): never {
  throw new Error('read');
}

describe('a thrown value that throws when it is read', () => {
  const hostile = {
    [Symbol.for('nodejs.util.inspect.custom')]: fail,
  };
  const withoutMessage = Object.defineProperty(new Error(), 'message', { get: fail });
  const withoutStack = Object.defineProperty(new Error('x'), 'stack', { get: fail });

  it.each([hostile, withoutMessage, withoutStack, Object.create(null)])(
    'is printed as something, and throws nothing',
    thrown => {
      expect(printableError(thrown)).toEqual(expect.any(String));
      expect(printableStack(thrown)).toEqual(expect.any(String));
    },
  );
});
