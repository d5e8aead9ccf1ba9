import { describe, expect, it } from 'vitest';
import { HEALTHY_AFTER } from '../../../../src/supervisor/policies/restart-policy.js';
import { SelfClosings } from '../../../../src/supervisor/policies/self-closings.js';

describe('SelfClosings', () => {
  it('warns once, after three ends in a row in one slot', () => {
    const closings = new SelfClosings();
    expect([0, 0, 1, 0, 0, 1, 1].map(slot => closings.add(slot, 0))).toEqual([
      false,
      false,
      false,
      true,
      false,
      false,
      false,
    ]);
  });

  it('starts again after a worker that was healthy', () => {
    const closings = new SelfClosings();
    const times = [0, 0, HEALTHY_AFTER, 0, 0, HEALTHY_AFTER - 1];
    expect(times.map(readyFor => closings.add(0, readyFor))).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
  });
});
