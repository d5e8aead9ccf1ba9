import { expect, it } from 'vitest';
import type { Operation } from '../../../../../src/state/operation.js';
import { LaneRenewals } from '../../../../../src/state/backends/redis/lane-renewals.js';

const read: Operation = { name: 'get', key: 'k' };
const write: Operation = { name: 'set', key: 'k', value: '1' };

it('a lane is renewed by batches that leave a memory, and by no others', () => {
  const renewals = new LaneRenewals();
  const lane = 'a';
  expect(renewals.isDue({ lane, operations: [read] })).toBe(false);
  expect(renewals.isDue({ lane, operations: [read, write] })).toBe(true);
  renewals.done({ lane });
  expect(renewals.isDue({ lane, operations: [write] })).toBe(false);
  expect(renewals.isDue({ lane: 'another', operations: [write] })).toBe(true);
});
