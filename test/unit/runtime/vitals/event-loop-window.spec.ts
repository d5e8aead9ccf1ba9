import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  EventLoopSampler,
  type SampleListener,
} from '../../../../src/runtime/vitals/event-loop-sampler.js';
import { EventLoopWindow } from '../../../../src/runtime/vitals/event-loop-window.js';
import { block } from '../../../fixtures/apps/block.js';

class FakeSampler {
  readonly lateness = 0;
  sample: SampleListener = () => {};

  listen(listener: SampleListener): () => void {
    this.sample = listener;
    return () => {};
  }
}

describe('EventLoopWindow', () => {
  it('counts one long block for all that would have been late in it', async () => {
    const sampler = new FakeSampler();
    const window = new EventLoopWindow(sampler as unknown as EventLoopSampler);
    // Many good samples, and one that is late: by their number alone, a 99th percentile would not tell.
    for (let sample = 0; sample < 25; sample++) {
      sampler.sample(1, 4);
    }
    expect(window.delayP99).toBeLessThan(400);
    block(600);
    sampler.sample(580, 0);
    expect(window.delayP99).toBeGreaterThan(400);
    expect(window.utilization).toBeGreaterThan(0.1);
    expect(window.utilization).toBeLessThan(0.9);
    window.stop();
  });

  it('tells of a block that is over at this very moment', async () => {
    const window = new EventLoopWindow(new EventLoopSampler());
    await delay(25);
    block(150);
    expect(window.delayP99).toBeGreaterThan(100);
    window.stop();
  });
});

describe('EventLoopSampler', () => {
  it('measures a block from its beginning, also if samples were left out before it', async () => {
    const sampler = new EventLoopSampler();
    const samples: { late: number; leftOut: number }[] = [];
    let sampled: (() => void) | undefined;
    const stop = sampler.listen((late, leftOut) => {
      samples.push({ late, leftOut });
      sampled?.();
    });
    const nextSample = (): Promise<void> => new Promise(resolve => (sampled = resolve));
    do {
      await nextSample();
    } while (samples.at(-1)!.leftOut === 0);

    // Until the next sample is due, the process may leave four out.
    block(200);
    expect(sampler.lateness).toBeGreaterThan(160);
    await nextSample();
    stop();
    expect(samples.at(-1)!.late).toBeGreaterThan(160);
    expect(samples.at(-1)!.leftOut).toBe(0);
  });

  it('looks as long as anybody listens, and not longer', () => {
    const sampler = new EventLoopSampler();
    const stops = [sampler.listen(() => {}), sampler.listen(() => {})];
    stops[0]!();
    block(30);
    expect(sampler.lateness).toBeGreaterThan(5);
    stops[1]!();
    expect(sampler.lateness).toBe(0);
  });
});
