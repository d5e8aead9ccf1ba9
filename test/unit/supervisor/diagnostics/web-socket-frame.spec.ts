import { describe, expect, it } from 'vitest';
import { FrameReader, textFrame } from '../../../../src/supervisor/diagnostics/web-socket-frame.js';

/** As a server writes it: without a mask. */
function served(text: string): Buffer {
  const payload = Buffer.from(text);
  const head =
    payload.length < 126
      ? Buffer.from([0x81, payload.length])
      : payload.length < 2 ** 16
        ? Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff])
        : Buffer.from([0x81, 127, 0, 0, 0, 0, 0, payload.length >> 16, payload.length >> 8, 0]);
  return Buffer.concat([head, payload]);
}

const textOf = ({ payload }: { payload: Buffer }): string => payload.toString();

describe('a frame of a WebSocket', () => {
  it.each([0, 1, 125, 126, 65_535, 65_536])('is read whole, of %d bytes', length => {
    const text = 'x'.repeat(length);
    const frame = served(text);
    const next = served('next');
    const sent = Buffer.concat([frame, next, frame]);
    for (const size of [length < 200 ? 1 : 997, 4_096, length + 1, sent.length]) {
      const reader = new FrameReader();
      const found: string[] = [];
      for (let start = 0; start < sent.length; start += size) {
        found.push(...Array.from(reader.take(sent.subarray(start, start + size)), textOf));
      }
      expect(found).toEqual([text, 'next', text]);
    }
  });

  it('is not read if it is too long', () => {
    const head = Buffer.from([0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0]);
    expect(() => [...new FrameReader().take(head)]).toThrow('bytes');
  });

  it('is written masked, as a client must', () => {
    expect(textFrame('é')).toEqual(
      Buffer.from([0x81, 0x80 | 126, 0, 2, 0, 0, 0, 0, ...Buffer.from('é')]),
    );
  });
});
