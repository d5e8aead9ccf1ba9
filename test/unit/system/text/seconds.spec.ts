import { describe, expect, it } from 'vitest';
import { seconds } from '../../../../src/system/text/seconds.js';

describe('seconds', () => {
  it.each([
    [0, '0 ms'],
    [62.400000000000006, '62 ms'],
    [100, '0.1 s'],
    [3_197.6000000000004, '3.2 s'],
    [60_000, '60.0 s'],
  ])('shows %d ms as %s', (milliseconds, text) => {
    expect(seconds(milliseconds)).toBe(text);
  });
});
