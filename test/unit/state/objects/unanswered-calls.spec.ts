import { afterEach, beforeEach, expect, it } from 'vitest';
import { setTimeout as delay } from 'node:timers/promises';
import { StateUnavailableError } from '../../../../src/model/errors/state-unavailable.error.js';
import { StateClient } from '../../../../src/state/client/state-client.js';
import { UnansweredCalls } from '../../../../src/state/objects/unanswered-calls.js';
import { monotonicNow } from '../../../../src/system/time/monotonic-now.js';
import { OutageExecutor } from '../../../support/fakes/outage-executor.js';

let executor: OutageExecutor;
let client: StateClient;
let calls: UnansweredCalls;
let attempts: number[];
let failures: number;

const lasting = {
  group: 'g',
  duration: 60_000,
  call: async () => {
    attempts.push(monotonicNow());
    if (attempts.length <= failures) {
      throw new StateUnavailableError('lock', 'g', 'no answer');
    }
  },
};

beforeEach(() => {
  executor = new OutageExecutor();
  client = new StateClient(executor, 100, 0);
  calls = new UnansweredCalls(client);
  attempts = [];
  failures = 0;
});

afterEach(async () => {
  calls.close();
  await client.close();
});

it('makes a call once if it is answered', async () => {
  await calls.run(lasting);
  expect(attempts).toHaveLength(1);
  expect([calls.has('g'), await calls.repeat('g')]).toEqual([false, true]);
});

it('repeats a call with growing pauses until it is answered', async () => {
  failures = 2;
  await calls.run(lasting);
  expect([attempts.length, calls.has('g'), calls.has('other')]).toEqual([1, true, false]);
  await delay(900);
  const [first = 0, second = 0, third = 0] = attempts;
  expect(third - second).toBeGreaterThan(second - first);
  expect([attempts.length, calls.has('g')]).toEqual([3, false]);
});

it('waits for a backend that is unavailable, and then repeats the call at once', async () => {
  failures = 1;
  executor.disconnect();
  await calls.run(lasting);
  await delay(400);
  expect(attempts).toHaveLength(1);
  executor.restore();
  expect(attempts).toHaveLength(2);
});

it('repeats a call on request, and tells whether it was answered', async () => {
  failures = 2;
  await calls.run(lasting);
  const both = await Promise.all([calls.repeat('g'), calls.repeat('g')]);
  expect([both, attempts.length]).toEqual([[false, false], 2]);
  expect([await calls.repeat('g'), calls.has('g')]).toEqual([true, false]);
});

it('does not repeat a call when its time is over, or after it has closed', async () => {
  failures = 9;
  await calls.run({ ...lasting, duration: 0 });
  await calls.run({ ...lasting, group: 'short', duration: 100 });
  await delay(400);
  expect([attempts.length, calls.has('short')]).toEqual([2, false]);
  await calls.run(lasting);
  calls.close();
  await calls.run(lasting);
  executor.restore();
  expect([attempts.length, calls.has('g')]).toEqual([4, false]);
});

it('does not repeat a call that was answered with an error', async () => {
  const call = async (): Promise<never> => {
    attempts.push(monotonicNow());
    throw new Error('NOPERM');
  };
  await calls.run({ ...lasting, call });
  expect([attempts.length, calls.has('g')]).toEqual([1, false]);
});
