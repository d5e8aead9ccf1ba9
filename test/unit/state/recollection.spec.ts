import { describe, expect, it } from 'vitest';
import { isRemembered } from '../../../src/state/recollection.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const NOW = 1_700_000_000_000;

describe('isRemembered()', () => {
  it.each([
    ['just now', 0, true],
    ['some minutes ago', -5 * MINUTE, true],
    ['so long ago that it may have been forgotten', -HOUR + MINUTE, false],
    ['a moment ahead, because clocks differ', MINUTE - 1, true],
    ['ahead, because the clock was set back', HOUR, false],
  ])('of an operation that was given up %s', (_, at, remembered) => {
    expect(isRemembered(NOW + at, NOW, HOUR)).toBe(remembered);
  });
});
