import { describe, expect, it } from 'vitest';
import { autoWorkerCount } from '../../../src/config/worker-count.js';

describe("workers: 'auto'", () => {
  it.each([
    { available: 8, quota: undefined, workers: 8, why: 'every core without a limit' },
    { available: 8, quota: 2, workers: 2, why: 'what the container may use' },
    { available: 8, quota: 3.99, workers: 3, why: 'no worker for a fraction of a CPU' },
    { available: 8, quota: 1.5, workers: 1, why: 'no second worker for half a CPU' },
    { available: 8, quota: 0.5, workers: 1, why: 'one worker for less than one CPU' },
    { available: 2, quota: 16, workers: 2, why: 'no more workers than cores' },
    { available: 1, quota: undefined, workers: 1, why: 'one worker on one core' },
    { available: 0, quota: undefined, workers: 1, why: 'one worker where no core is known' },
  ])('is $why: $available cores, quota $quota → $workers', ({ available, quota, workers }) => {
    expect(autoWorkerCount(available, quota)).toBe(workers);
  });
});
