import { beforeEach, describe, expect, it } from 'vitest';
import { TermBackoff } from '../../../../src/state/objects/term-backoff.js';

let now = 1_000;
let backoff: TermBackoff;

beforeEach(() => {
  backoff = new TermBackoff(() => now);
});

/** A term that a failed task ends after `length` milliseconds. Returns the delay after it. */
function failedTerm(length = 0): number {
  backoff.begin();
  now += length;
  backoff.fail();
  return backoff.delay;
}

describe('the delay after a term', () => {
  it('is short', () => {
    backoff.begin();
    expect(backoff.delay).toBe(100);
  });

  it('doubles with each term in a row that a failed task has ended, up to 30 s', () => {
    const delays = Array.from({ length: 10 }, () => failedTerm());
    expect(delays).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
  });

  it('counts a term in which several tasks fail once', () => {
    failedTerm();
    backoff.fail();
    expect([backoff.delay, failedTerm()]).toEqual([200, 400]);
  });

  it('starts again after a term that no failed task has ended', () => {
    failedTerm();
    failedTerm();
    backoff.begin();
    expect(backoff.delay).toBe(100);
    expect(failedTerm()).toBe(200);
  });

  it('starts again with a task that fails after 30 s', () => {
    failedTerm();
    failedTerm();
    expect(failedTerm(29_999)).toBe(800);
    expect(failedTerm(30_000)).toBe(200);
    expect(failedTerm()).toBe(400);
  });
});
