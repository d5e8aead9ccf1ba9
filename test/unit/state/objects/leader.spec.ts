import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Leader } from '../../../../src/state/objects/leader.js';
import { Locks } from '../../../../src/state/objects/locks.js';
import { StateClient } from '../../../../src/state/client/state-client.js';
import { block } from '../../../fixtures/apps/block.js';
import { MemoryExecutor } from '../../../support/fakes/memory-executor.js';

let client: StateClient;
let locks: Locks;
const error = vi.fn<(message: string, stack?: string) => void>();

beforeEach(() => {
  client = new StateClient(new MemoryExecutor(), 1_000, 0);
  locks = new Locks(client, () => Promise.resolve());
});

afterEach(async () => {
  error.mockReset();
  await client.close();
});

describe('a task of the leader', () => {
  it('that fails is logged, and ends the term, so that another candidate can be elected', async () => {
    const leader = new Leader(locks, 'report', 10_000, { error });
    const tokens: number[] = [];
    await new Promise<void>(resolve => {
      leader.run(({ token }) => {
        tokens.push(token);
        if (tokens.length === 2) {
          resolve();
        }
        return Promise.reject(new Error('out of paper'));
      });
    });
    await leader.retire();
    expect(tokens[1]).toBeGreaterThan(tokens[0]!);
    expect(error).toHaveBeenCalledWith(
      'A task of the leader election "report" failed; another candidate takes over',
      expect.stringContaining('out of paper'),
    );
  });

  it('that ignores its signal delays the next leader by no more than the lease', async () => {
    const leader = new Leader(locks, 'report', 100, { error });
    await new Promise<void>(resolve => {
      leader.run(() => {
        resolve();
        return new Promise(() => {});
      });
    });
    await leader.resign();
    const next = new Leader(locks, 'report', 100, { error });
    await new Promise(resolve => next.onElected(resolve));
    expect([leader.isLeader, next.isLeader]).toEqual([false, true]);
    await next.retire();
  });

  it('does not run in a worker that has retired', async () => {
    const leader = new Leader(locks, 'report', 100, { error });
    await leader.retire();
    leader.stand();
    const task = vi.fn<() => Promise<void>>();
    leader.run(task);
    await leader.resign();
    expect(leader.isLeader).toBe(false);
    expect(task).not.toHaveBeenCalled();
  });
});

describe('locks', () => {
  it('warn when one is lost', async () => {
    const lost: string[] = [];
    const observed = new Locks(
      client,
      () => Promise.resolve(),
      (name, why) => lost.push(`${name}: ${why}`),
    );
    const hold = await observed.acquire({ key: 'lock:l', name: 'l', wait: 0, lease: 100 });
    block(150);
    await new Promise(resolve => hold.signal.addEventListener('abort', resolve));
    expect(lost).toEqual(['l: its lease expired before it could be renewed']);
    await hold.release();
  });

  it('are not granted any more to a worker that has answered its requests', async () => {
    const held = await locks.acquire({ key: 'lock:l', name: 'l', wait: 0, lease: 1_000 });
    const waiting = locks.acquire({ key: 'lock:l', name: 'l', wait: 60_000, lease: 1_000 });
    const refused = expect(waiting).rejects.toThrow('this worker drains');
    locks.refuse('this worker drains');
    await refused;
    await held.release();
    const other = new Locks(client, () => Promise.resolve());
    const next = await other.acquire({ key: 'lock:l', name: 'l', wait: 0, lease: 1_000 });
    await next.release();
  });
});
