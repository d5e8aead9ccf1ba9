import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { HeldOutput } from '../../../src/start/held-output.js';

function hold(): { source: PassThrough; shown: string[]; output: HeldOutput } {
  const source = new PassThrough();
  const shown: string[] = [];
  const target = { write: (chunk: Buffer) => shown.push(chunk.toString()) > 0 };
  return { source, shown, output: new HeldOutput(source, target as never) };
}

describe('HeldOutput', () => {
  it('holds a megabyte, and shows what exceeds it', async () => {
    const { source, shown, output } = hold();
    source.write('a'.repeat(2 ** 20));
    await nextTurn();
    expect(shown).toEqual([]);
    source.write('b');
    await nextTurn();
    expect(shown.join('')).toBe(`${'a'.repeat(2 ** 20)}b`);
    const released = text(output.release());
    source.end('c');
    expect(await released).toBe('c');
  });

  it('ends when the source has ended or failed', async () => {
    const { source, output } = hold();
    source.end('all');
    await output.ended;
    const failed = hold();
    failed.source.destroy(new Error('EIO'));
    await failed.output.ended;
    expect(await text(failed.output.release())).toBe('');
  });
});
