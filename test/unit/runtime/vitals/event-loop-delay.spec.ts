import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { EventLoopDelay } from '../../../../src/runtime/vitals/event-loop-delay.js';
import { EventLoopSampler } from '../../../../src/runtime/vitals/event-loop-sampler.js';
import { block } from '../../../fixtures/apps/block.js';

describe('EventLoopDelay', () => {
  it('tells how late the event loop is, also where it is blocked again and again', async () => {
    const samples = new EventLoopDelay(new EventLoopSampler());
    for (let times = 0; times < 4; times++) {
      block(150);
      await delay(1);
      const { mean, max } = samples.take();
      expect(mean).toBeGreaterThan(100);
      expect(max).toBeGreaterThanOrEqual(mean);
    }
    samples.stop();
  });

  it('begins anew each time it is asked', async () => {
    const samples = new EventLoopDelay(new EventLoopSampler());
    block(200);
    await delay(1);
    samples.take();
    expect(samples.take().mean).toBeLessThan(100);
    samples.stop();
  });
});
