import { afterEach, describe, expect, it, vi } from 'vitest';
import { EventLoopSampler } from '../../../../src/runtime/vitals/event-loop-sampler.js';
import { Vitals, type WatchedVitals } from '../../../../src/runtime/vitals/vitals.js';

describe('the memory of a process without a free file descriptor', () => {
  let watched: WatchedVitals;

  afterEach(() => {
    watched.stop();
    vi.restoreAllMocks();
  });

  function read(): number {
    return watched.now().memory;
  }

  it('is the last one that was read', () => {
    const rss = vi.spyOn(process.memoryUsage, 'rss').mockReturnValue(70_000);
    watched = new Vitals(new EventLoopSampler(), () => 0).watch();
    expect(read()).toBe(70_000);
    rss.mockImplementation(() => {
      throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
    });
    expect(read()).toBe(70_000);
    rss.mockReturnValue(80_000);
    expect(read()).toBe(80_000);
  });

  it('is 0, which reaches no limit, if it was never read', () => {
    vi.spyOn(process.memoryUsage, 'rss').mockImplementation(() => {
      throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
    });
    watched = new Vitals(new EventLoopSampler(), () => 0).watch();
    expect(read()).toBe(0);
  });
});
