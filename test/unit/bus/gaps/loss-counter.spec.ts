import { describe, expect, it } from 'vitest';
import { LossCounter } from '../../../../src/bus/gaps/loss-counter.js';

describe('LossCounter', () => {
  it('counts gaps and what they are of, where nobody can tell as one', () => {
    const losses = new LossCounter();
    losses.add({ topic: 'a', missed: 12, reason: 'slow' });
    losses.add({ topic: 'b', missed: undefined, reason: 'lost' });
    expect(losses.counts).toEqual({ gaps: 2, missed: 13, missedLately: 13 });
  });
});
