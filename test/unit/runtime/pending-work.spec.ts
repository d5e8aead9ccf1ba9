import { beforeEach, expect, it } from 'vitest';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { PendingWork } from '../../../src/runtime/pending-work.js';
import { deferred } from '../../../src/system/async/deferred.js';

let failures: unknown[];
/** How much was pending each time when work had ended. */
let left: number[];
let work: PendingWork;

beforeEach(() => {
  failures = [];
  left = [];
  work = new PendingWork(
    error => failures.push(error),
    () => left.push(work.size),
  );
});

/** Resolves when the end of work was noticed: a turn after it has settled. */
async function noticed(): Promise<void> {
  await nextTurn();
  await nextTurn();
}

it('is pending until it has ended', async () => {
  const [first, second] = [deferred(), deferred()];
  expect(work.size).toBe(0);
  work.add(first.promise);
  work.add(second.promise);
  expect(work.size).toBe(2);
  first.resolve();
  await noticed();
  second.resolve();
  await noticed();
  expect(left).toEqual([1, 0]);
});

it('counts work that follows from other work', async () => {
  const [first, second] = [deferred(), deferred()];
  const follow = async (): Promise<void> => {
    await first.promise;
    await Promise.resolve();
    work.add(second.promise);
  };
  work.add(first.promise);
  void follow();
  first.resolve();
  await noticed();
  expect(left).toEqual([1]);
  second.resolve();
  await noticed();
  expect(left).toEqual([1, 0]);
});

it('reports work that fails, and counts it as ended', async () => {
  const failure = new Error('no connection');
  work.add(Promise.reject(failure));
  await noticed();
  expect(failures).toEqual([failure]);
  expect(left).toEqual([0]);
});
