import { describe, expect, it } from 'vitest';
import {
  needsSpeaker,
  quietBootDuration,
} from '../../../../src/supervisor/policies/boot-speaker.js';

describe('the worker whose boot is logged', () => {
  it.each([
    ['there is none yet', undefined, true],
    ['it boots', { isStarting: true, hasBooted: false }, false],
    ['it has booted', { isStarting: false, hasBooted: true }, false],
    ['it has failed to boot', { isStarting: false, hasBooted: false }, true],
  ])('is the next one if %s', (_, speaker, expected) => {
    expect(needsSpeaker(speaker)).toBe(expected);
  });

  it.each([
    [60_000, 10_000],
    [3_000, 1_500],
    [1, 1],
  ])('with boot.timeout %d, the others wait for %d ms', (timeout, expected) => {
    expect(quietBootDuration(timeout)).toBe(expected);
  });
});
