import { describe, expect, it } from 'vitest';
import { memoryPerWorker, parseShare } from '../../../../src/system/limits/memory-share.js';
import { bytesPerWorker, parseMemoryBound } from '../../../../src/config/memory-bound.js';

const GIBIBYTE = 1024 ** 3;

describe('a share', () => {
  it.each([
    ['80%', 0.8],
    ['100%', 1],
    [' 12.5 % ', 0.125],
    ['0.1%', 0.001],
  ])('is read from %j', (text, share) => {
    expect(parseShare(text)).toBe(share);
  });

  it.each(['80', '0%', '101%', '-5%', '%', '80 percent', '8 0%', '1e1%', '', 'NaN%'])(
    'is not read from %j',
    text => {
      expect(parseShare(text)).toBeUndefined();
    },
  );
});

describe('the memory of each worker', () => {
  it('is its part of what the container grants', () => {
    const host = { limit: 2 * GIBIBYTE, total: 16 * GIBIBYTE };
    expect(memoryPerWorker(0.5, host, 4)).toBe(GIBIBYTE / 4);
  });

  it('is its part of the machine, where no container limits it, or to more than there is', () => {
    const total = 8 * GIBIBYTE;
    expect(memoryPerWorker(1, { limit: undefined, total }, 8)).toBe(GIBIBYTE);
    expect(memoryPerWorker(1, { limit: 2 * total, total }, 8)).toBe(GIBIBYTE);
  });

  it('is whole bytes, and together no more than the share', () => {
    expect(memoryPerWorker(0.8, { limit: 1000, total: 1000 }, 3)).toBe(266);
  });
});

describe('parseMemoryBound()', () => {
  it.each([
    [0, 0],
    [1_000, 1_000],
    ['512mb', 512 * 2 ** 20],
    ['80%', { share: 0.8 }],
    ['0', 0],
    ['much', undefined],
    ['120%', undefined],
    [-1, undefined],
    [1.5, undefined],
    [null, undefined],
  ])('%j is %j', (text, bound) => {
    expect(parseMemoryBound(text)).toEqual(bound);
  });

  it('has a share divided among the workers there are', () => {
    const host = { limit: 1_000, total: 5_000 };
    expect(bytesPerWorker({ share: 0.8 }, host, 2)).toBe(400);
    expect(bytesPerWorker({ share: 0.8 }, host, 4)).toBe(200);
    expect(bytesPerWorker(300, host, 4)).toBe(300);
  });
});
