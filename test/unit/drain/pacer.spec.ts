import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pacer } from '../../../src/drain/pacer.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** When each of so many steps was taken. */
function taken(count: number, window: number): number[] {
  const begunAt = Date.now();
  const times: number[] = [];
  const step = (): void => void times.push(Date.now() - begunAt);
  void new Pacer(
    Array.from({ length: count }, () => step),
    window,
  );
  vi.runAllTimers();
  return times;
}

describe('steps that are spread over a time', () => {
  it('are taken evenly, the first at once', () => {
    expect(taken(4, 1_000)).toEqual([0, 250, 500, 750]);
    expect(taken(1, 1_000)).toEqual([0]);
  });

  it('are taken several at a time where there are more than milliseconds', () => {
    const times = taken(10_000, 1_000);
    expect(times).toHaveLength(10_000);
    // A timer is late by up to a millisecond, in which ten come due.
    expect(Math.abs(times.filter(time => time < 500).length - 5_000)).toBeLessThanOrEqual(10);
    expect(times.at(-1)).toBeLessThanOrEqual(1_000);
  });

  it('are all taken at once where there is no time', () => {
    expect(taken(3, 0)).toEqual([0, 0, 0]);
    expect(taken(0, 1_000)).toEqual([]);
  });

  it('that come meanwhile are taken at the end', () => {
    const begunAt = Date.now();
    const last = vi.fn(() => Date.now() - begunAt);
    const spread = new Pacer([() => {}, () => {}], 1_000);
    vi.advanceTimersByTime(300);
    spread.takeLast(last);
    vi.runAllTimers();
    expect(last).toHaveReturnedWith(1_000);
    spread.takeLast(last);
    vi.advanceTimersByTime(1);
    expect(last).toHaveBeenCalledTimes(2);
  });

  it('are taken no further once that is stopped', () => {
    const step = vi.fn();
    const spread = new Pacer([step, step], 1_000);
    spread.takeLast(step);
    spread.stop();
    vi.runAllTimers();
    expect(step).toHaveBeenCalledTimes(1);
  });
});
