import { expect, it } from 'vitest';
import { RolloutLock } from '../../../src/fleet/agent/rollout-lock.js';
import type { HeldLock } from '../../../src/state/objects/lock.interface.js';
import { deferred } from '../../../src/system/async/deferred.js';

/** A lock that its caller gets when the test says so. */
class FakeLocks {
  readonly given = deferred();
  readonly ended = deferred();

  async lock(_: string, task: (held: HeldLock) => Promise<unknown>): Promise<void> {
    await this.given.promise;
    await task({ token: 5, isHeld: true, signal: new AbortController().signal });
    this.ended.resolve();
  }
}

it('is held until it is released', async () => {
  const locks = new FakeLocks();
  const lock = new RolloutLock(locks as never);
  locks.given.resolve();
  expect(await lock.acquire()).toBe(5);
  expect(lock.isHeld(5)).toBe(true);
  lock.release();
  await locks.ended.promise;
  expect(lock.isHeld(5)).toBe(false);
});

it('is not kept if it comes after it was released', async () => {
  const locks = new FakeLocks();
  const lock = new RolloutLock(locks as never);
  const acquired = lock.acquire();
  lock.release();
  locks.given.resolve();
  await locks.ended.promise;
  expect(await acquired).toBeNull();
  expect(lock.isHeld(5)).toBe(false);
});
