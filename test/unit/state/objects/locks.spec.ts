import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setTimeout as delay } from 'node:timers/promises';
import { LockTimeoutError } from '../../../../src/model/errors/lock-timeout.error.js';
import { StateOutageError } from '../../../../src/model/errors/state-outage.error.js';
import { StateClient } from '../../../../src/state/client/state-client.js';
import { Locks } from '../../../../src/state/objects/locks.js';
import { monotonicNow } from '../../../../src/system/time/monotonic-now.js';
import { settle } from '../../../support/fakes/fake-clock.js';
import { OutageExecutor } from '../../../support/fakes/outage-executor.js';

const TIMEOUT = 100;
const LOCK = { key: 'lock:report', name: 'report', wait: 0, lease: 600_000 };
const PERMIT = { ...LOCK, key: 'semaphore:report', permits: 1 };

let executor: OutageExecutor;
let client: StateClient;
let locks: Locks;

beforeEach(() => {
  executor = new OutageExecutor();
  client = new StateClient(executor, TIMEOUT, 0);
  locks = new Locks(client, () => Promise.resolve());
  client.onClose(() => locks.close());
});

afterEach(() => client.close());

/** Gets the lock in another worker, which knows nothing of the releases of this one. */
async function acquireElsewhere(request: typeof LOCK): Promise<void> {
  const other = new StateClient(executor, TIMEOUT, 0);
  const hold = await new Locks(other, () => Promise.resolve()).acquire(request);
  await hold.release();
  await other.close();
}

/** Releases while the backend is unreachable for longer than a call may take. */
async function releaseInOutage(request: typeof LOCK): Promise<void> {
  const hold = await locks.acquire(request);
  executor.disconnect();
  await hold.release();
}

describe.each([
  ['a lock', LOCK],
  ['a permit', PERMIT],
])('%s that was released while the backend was unavailable', (_, request) => {
  it('is free as soon as the backend is available again', async () => {
    await releaseInOutage(request);
    await delay(3 * TIMEOUT);
    executor.restore();
    await settle();
    await acquireElsewhere(request);
  });

  it('is free for the next task of the same worker, even if that asks first', async () => {
    await releaseInOutage(request);
    executor.mute();
    executor.unavailableSince = undefined;
    const refused = expect(locks.acquire(request)).rejects.toThrow(StateOutageError);
    await refused;
    const next = locks.acquire(request);
    executor.restore();
    await (await next).release();
  });
});

describe('the release of a lock', () => {
  it('resolves although it was not answered, and does not wait for its repetitions', async () => {
    const hold = await locks.acquire(LOCK);
    executor.disconnect();
    const askedAt = monotonicNow();
    await hold.release();
    expect(monotonicNow() - askedAt).toBeLessThan(3 * TIMEOUT);
  });

  it('whose answer was lost is repeated, also if the backend never counted as unavailable', async () => {
    const hold = await locks.acquire(LOCK);
    executor.suspect = () => {};
    executor.mute();
    await hold.release();
    executor.restore();
    await delay(500);
    expect(executor.arrived.filter(name => name === 'lockRelease').length).toBeGreaterThan(1);
    await (await locks.acquire(LOCK)).release();
  });

  it('is not repeated when the lease has passed', async () => {
    await releaseInOutage({ ...LOCK, lease: 20 });
    await delay(2 * TIMEOUT);
    executor.restore();
    await settle();
    expect(executor.arrived).toEqual(['lockAcquire']);
  });

  it('is not repeated when the application has closed', async () => {
    await releaseInOutage(LOCK);
    const askedAt = monotonicNow();
    await client.close();
    expect(monotonicNow() - askedAt).toBeLessThan(TIMEOUT);
    executor.restore();
    await settle();
    expect(executor.arrived).toEqual(['lockAcquire']);
  });
});

describe('a request whose answer was lost', () => {
  beforeEach(async () => {
    executor.mute();
    await expect(locks.acquire(LOCK)).rejects.toThrow(StateOutageError);
  });

  it('does not block the next one of the same worker', async () => {
    const next = locks.acquire(LOCK);
    executor.restore();
    await (await next).release();
  });

  it('does not block other workers when the backend answers again', async () => {
    await delay(2 * TIMEOUT);
    executor.restore();
    await settle();
    await acquireElsewhere(LOCK);
  });
});

describe('a request', () => {
  it('that never arrived needs no release afterwards', async () => {
    executor.disconnect();
    await expect(locks.acquire(LOCK)).rejects.toThrow(StateOutageError);
    await delay(2 * TIMEOUT);
    executor.restore();
    await settle();
    expect(executor.arrived).toEqual([]);
  });

  it('is refused once if another task has the lock', async () => {
    const held = await locks.acquire(LOCK);
    await expect(locks.acquire(LOCK)).rejects.toThrow(LockTimeoutError);
    await settle();
    expect(executor.arrived).toEqual(['lockAcquire', 'lockAcquire', 'lockRelease']);
    await held.release();
  });
});

describe('a semaphore of which a later release has fewer permits', () => {
  it('keeps to them when the tasks of the earlier release have ended', async () => {
    const earlier = [1, 2].map(() => locks.acquire({ ...PERMIT, permits: 2 }));
    await Promise.all(earlier);
    const waiting = ['one', 'two', 'three'].map(() => locks.acquire({ ...PERMIT, wait: 60_000 }));
    await settle();
    for (const hold of earlier) {
      await (await hold).release();
    }
    const [one, two] = await Promise.all(waiting.slice(0, 2));
    let isThere = false;
    const three = waiting[2]!.finally(() => (isThere = true));
    await one!.release();
    await settle();
    expect(isThere).toBe(false);
    await two!.release();
    await (await three).release();
  });
});
