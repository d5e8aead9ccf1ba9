import { array, assert, nat, property, string } from 'fast-check';
import { expect, it } from 'vitest';
import { LineReader } from '../../../src/control/line-reader.js';

it('returns the same lines, however the stream is divided', () => {
  const line = string({ maxLength: 20 }).map(text => text.replaceAll('\n', ' '));
  assert(
    property(array(line), array(nat({ max: 30 })), (lines, sizes) => {
      const stream = Buffer.from(lines.map(each => `${each}\n`).join(''));
      const reader = new LineReader(200);
      const read: string[] = [];
      let start = 0;
      for (const size of [...sizes, stream.length]) {
        read.push(...(reader.take(stream.subarray(start, start + size)) ?? []));
        start += size;
      }
      expect(read).toEqual(lines.map(each => Buffer.from(each).toString()));
    }),
  );
});

it('refuses a line that is too long, also one that has not ended', () => {
  expect(new LineReader(3).take(Buffer.from('abc\n'))).toEqual(['abc']);
  expect(new LineReader(3).take(Buffer.from('a\nabcd\n'))).toBeUndefined();
  expect(new LineReader(3).take(Buffer.from('abcd'))).toBeUndefined();
  const reader = new LineReader(3);
  expect(reader.take(Buffer.from('ab'))).toEqual([]);
  expect(reader.take(Buffer.from('cd'))).toBeUndefined();
});
