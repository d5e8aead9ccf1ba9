import { describe, expect, it } from 'vitest';
import { recycleReason, recycleShare } from '../../../../src/supervisor/policies/recycle-policy.js';

describe('recycleReason()', () => {
  const limits = { maxMemory: 1_000, maxRequests: 100, maxAge: 10 };

  it.each([
    [{ memory: 999, requests: 99, age: 9 }, 1, undefined],
    [{ memory: 1_000, requests: 99, age: 9 }, 1, 'memory'],
    [{ memory: 900, requests: 0, age: 0 }, 0.9, 'memory'],
    [{ memory: 0, requests: 100, age: 0 }, 1, 'requests'],
    [{ memory: 0, requests: 0, age: 10 }, 1, 'age'],
  ])('of %j with a share of %d is %j', (vitals, share, reason) => {
    expect(recycleReason(vitals, limits, share)).toBe(reason);
  });

  it('knows no limit that is 0', () => {
    const none = { maxMemory: 0, maxRequests: 0, maxAge: 0 };
    expect(recycleReason({ memory: 1e12, requests: 1e12, age: 1e12 }, none, 1)).toBeUndefined();
  });
});

describe('recycleShare()', () => {
  it('takes off up to the jitter, and adds nothing', () => {
    expect(recycleShare(0.1, () => 0)).toBe(1);
    expect(recycleShare(0.1, () => 1)).toBeCloseTo(0.9);
    expect(recycleShare(0, () => 1)).toBe(1);
  });
});
