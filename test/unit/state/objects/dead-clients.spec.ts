import { beforeEach, describe, expect, it } from 'vitest';
import type { HostChannel } from '../../../../src/ipc/host-channel.interface.js';
import { ownerOf } from '../../../../src/state/client/lock-owner.js';
import { StateClient } from '../../../../src/state/client/state-client.js';
import { watchDeadClients } from '../../../../src/state/objects/dead-clients.js';
import { acquire } from '../../../../src/state/objects/lock-operations.js';
import { Locks } from '../../../../src/state/objects/locks.js';
import { FakeExecutor } from '../../../support/fakes/fake-executor.js';
import { settle } from '../../../support/fakes/fake-clock.js';
import { OutageExecutor } from '../../../support/fakes/outage-executor.js';
import { MemoryExecutor } from '../../../support/fakes/memory-executor.js';

let sent: unknown[];
let warnings: string[];
let isOpen: boolean;
let hear: (message: unknown) => void;

const channel = {
  open: (_: unknown, onMessage: typeof hear) => {
    hear = onMessage;
    return {
      post: (message: unknown) => Promise.resolve(sent.push(message)),
      close: () => (isOpen = false),
    };
  },
} as unknown as HostChannel;

const logger = { warn: (message: string) => void warnings.push(message) };

beforeEach(() => {
  sent = [];
  warnings = [];
  isOpen = true;
});

describe('the locks of a dead worker', () => {
  it('are released, whether it held them or waited for them', async () => {
    const executor = new MemoryExecutor();
    const dead = new StateClient(executor, 1_000, 0);
    const living = new StateClient(executor, 1_000, 0);
    const locks = new Locks(living, () => Promise.resolve());
    const lock = { key: 'lock:held', name: 'held', wait: 1_000, lease: 60_000 };
    const permit = { ...lock, key: 'semaphore:permit', name: 'permit', permits: 1 };
    const queue = { ...lock, key: 'lock:queue', name: 'queue', wait: 0 };
    const first = await locks.acquire(queue);
    for (const [number, { key }] of [lock, permit, queue].entries()) {
      const terms = { lease: 60_000, wait: 60_000, permits: 1 };
      await acquire(dead, { key, owner: ownerOf(dead.id, number) }, terms);
    }

    watchDeadClients(living, channel, logger);
    hear({ type: 'clientDied', dead: { client: dead.id, keys: ['lock:held'] } });

    expect((await locks.acquire(lock)).isHeld).toBe(true);
    expect((await locks.acquire(permit)).isHeld).toBe(true);
    await first.release();
    expect((await locks.acquire(queue)).isHeld).toBe(true);
    expect(warnings).toEqual([]);
    expect(sent).toEqual([{ type: 'clientClosed', client: dead.id }]);
    await locks.close();
    await Promise.all([dead.close(), living.close()]);
  });

  it('are released when the backend is available again, with one warning', async () => {
    const executor = new OutageExecutor();
    const dead = new StateClient(executor, 100, 0);
    const living = new StateClient(executor, 100, 0);
    const lock = { key: 'lock:held', name: 'held', wait: 0, lease: 600_000 };
    await new Locks(dead, () => Promise.resolve()).acquire(lock);
    watchDeadClients(living, channel, logger);
    executor.disconnect();
    hear({ type: 'clientDied', dead: { client: dead.id, keys: ['lock:held'] } });
    await new Promise(resolve => setTimeout(resolve, 700));
    expect(sent).toEqual([]);
    executor.restore();
    await settle();
    expect(sent).toEqual([{ type: 'clientClosed', client: dead.id }]);

    const hold = await new Locks(living, () => Promise.resolve()).acquire(lock);
    expect(warnings).toHaveLength(1);
    await hold.release();
    await Promise.all([dead.close(), living.close()]);
  });

  it('expire if the backend fails to release them, with a warning', async () => {
    const executor = new FakeExecutor();
    const client = new StateClient(executor, 1_000, 0);
    watchDeadClients(client, channel, logger);
    hear({ type: 'clientDied', dead: { client: 'c', keys: ['lock:a'] } });
    await executor.answer({ type: 'applied', results: [{ failed: 'backend', found: 'no' }] });
    expect(warnings).toEqual([
      expect.stringMatching(
        /^The locks of a dead worker could not be released yet\. This is tried again; they/,
      ),
    ]);
    await client.close();
  });

  it('are not touched by other messages', () => {
    const executor = new FakeExecutor();
    watchDeadClients(new StateClient(executor, 1_000, 0), channel, logger);
    hear({ type: 'grant', client: 'c', grant: { owner: 'c.1', token: 1 } });
    expect(executor.batches).toEqual([]);
  });
});

describe('the channel to the primary', () => {
  it('is returned, so that clients that may hold locks can be announced', async () => {
    const client = new StateClient(new FakeExecutor(), 1_000, 0);
    const opened = watchDeadClients(client, channel, logger);
    await opened.post({ type: 'client', client: 'c', key: 'lock:a' });
    expect(sent).toEqual([{ type: 'client', client: 'c', key: 'lock:a' }]);
    opened.close();
    expect(isOpen).toBe(false);
  });
});
