import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Leader } from '../../../../src/state/objects/leader.js';
import { Locks } from '../../../../src/state/objects/locks.js';
import { StateClient } from '../../../../src/state/client/state-client.js';
import { MemoryExecutor } from '../../../support/fakes/memory-executor.js';

let client: StateClient;
let locks: Locks;
/** The functions that make timers, with what they have returned. */
let made: readonly { readonly mock: { readonly results: readonly { value: unknown }[] } }[];
const logger = { error() {} };

beforeEach(() => {
  client = new StateClient(new MemoryExecutor(), 1_000, 0);
  locks = new Locks(client, () => Promise.resolve());
  made = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'setInterval')];
});

afterEach(async () => {
  vi.restoreAllMocks();
  await client.close();
});

/** The timers of the test that keep the process alive. */
function timers(): number {
  return made
    .flatMap(({ mock }) => mock.results.map(({ value }) => value as NodeJS.Timeout))
    .filter(timer => timer.hasRef()).length;
}

describe('a candidate of an election', () => {
  it('does not keep the process alive, whether it is the leader or waits', async () => {
    const before = timers();
    const leader = new Leader(locks, 'report', 10_000, logger);
    await new Promise(resolve => leader.onElected(resolve));
    expect(timers()).toBe(before);
    const next = new Leader(locks, 'report', 10_000, logger);
    await new Promise(resolve => setImmediate(resolve));
    expect(timers()).toBe(before);
    await Promise.all([next.retire(), leader.retire()]);
  });

  it('is unlike a call that waits for a lock', async () => {
    const leader = new Leader(locks, 'report', 10_000, logger);
    await new Promise(resolve => leader.onElected(resolve));
    const stop = new AbortController();
    const request = { key: 'lock', name: 'lock', wait: 1_000, lease: 10_000 };
    const hold = await locks.acquire(request);
    const held = timers();
    const second = locks.acquire({ ...request, signal: stop.signal }).catch(() => {});
    await new Promise(resolve => setImmediate(resolve));
    expect(timers()).toBeGreaterThan(held);
    stop.abort();
    await second;
    await hold.release();
    await leader.retire();
  });
});
