import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { within } from '../../../../src/system/async/within.js';

describe('a promise that is waited for within a time', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('gives what it gives, and leaves no timer', async () => {
    expect(await within(100, Promise.resolve('in time'), () => 'late')).toBe('in time');
    const failing = within(100, Promise.reject(new Error('failed')), () => 'late');
    await expect(failing).rejects.toThrow('failed');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is given up then, in one way or another', async () => {
    const never = new Promise<string>(() => {});
    const late = within(100, never, () => 'late');
    const failing = within(100, never, () => {
      throw new Error('late');
    }).catch((error: unknown) => String(error));
    // What has arrived by then is read first: to the fake clock, that takes a millisecond.
    vi.advanceTimersByTime(101);
    expect(await Promise.all([late, failing])).toEqual(['late', 'Error: late']);
  });
});
