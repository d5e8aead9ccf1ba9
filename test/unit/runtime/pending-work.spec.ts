import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { PendingWork } from '../../../src/runtime/pending-work.js';
import { deferred } from '../../../src/system/async/deferred.js';

let failures: unknown[];
let work: PendingWork;

beforeEach(() => {
  jest.useFakeTimers();
  failures = [];
  work = new PendingWork(error => failures.push(error));
});

afterEach(() => {
  jest.useRealTimers();
});

/** Whether a promise has settled so far. */
async function hasSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  await jest.advanceTimersByTimeAsync(0);
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}

it('waits for nothing where nothing is pending', async () => {
  await work.settled(1_000);
  expect(jest.getTimerCount()).toBe(0);
});

it('waits for all work, also for work that was added while it waits', async () => {
  const first = deferred();
  const second = deferred();
  work.add(first.promise);
  const settled = work.settled(1_000);
  work.add(second.promise);
  first.resolve();
  expect(await hasSettled(settled)).toBe(false);
  second.resolve();
  expect(await hasSettled(settled)).toBe(true);
  expect(jest.getTimerCount()).toBe(0);
});

it('waits no longer than it may', async () => {
  work.add(new Promise(() => {}));
  const settled = work.settled(1_000);
  await jest.advanceTimersByTimeAsync(999);
  expect(await hasSettled(settled)).toBe(false);
  await jest.advanceTimersByTimeAsync(1);
  expect(await hasSettled(settled)).toBe(true);
});

it('reports work that fails, and goes on', async () => {
  const failure = new Error('no connection');
  work.add(Promise.reject(failure));
  await work.settled(1_000);
  expect(failures).toEqual([failure]);
});
