import { expect, it, vi } from 'vitest';
import { SlotsRefresh } from '../../../../src/redis/cluster/slots-refresh.js';

it('asks for the slots of a cluster at most four times a second', () => {
  let now = 0;
  const refreshSlotsCache = vi.fn();
  const refresh = new SlotsRefresh({ refreshSlotsCache }, () => now);
  for (; now < 1_000; now += 25) {
    refresh.request();
  }
  expect(refreshSlotsCache).toHaveBeenCalledTimes(4);
});
