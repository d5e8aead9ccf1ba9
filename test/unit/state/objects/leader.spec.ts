import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Leader } from '../../../../src/state/objects/leader.js';
import { Locks } from '../../../../src/state/objects/locks.js';
import { StateClient } from '../../../../src/state/client/state-client.js';
import { monotonicNow } from '../../../../src/system/time/monotonic-now.js';
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
    const next = new Leader(locks, 'report', 10_000, { error });
    const tokens: number[] = [];
    const isElected = new Promise<void>(resolve =>
      next.onElected(({ token }) => {
        tokens.push(token);
        resolve();
      }),
    );
    leader.run(({ token }) => {
      tokens.push(token);
      return Promise.reject(new Error('out of paper'));
    });
    await isElected;
    await Promise.all([leader.retire(), next.retire()]);
    expect(tokens[1]).toBeGreaterThan(tokens[0]!);
    expect(error.mock.calls).toEqual([
      [
        'A task of the leader election "report" failed. This worker gives up the leadership, and is a candidate again in 200 ms',
        expect.stringContaining('out of paper'),
      ],
    ]);
  });

  it('that fails in each term runs after delays that double', async () => {
    const leader = new Leader(locks, 'report', 10_000, { error });
    const starts: number[] = [];
    await new Promise<void>(resolve => {
      error.mockImplementation(() => {
        if (starts.length === 3) {
          resolve();
        }
      });
      leader.run(() => {
        starts.push(monotonicNow());
        return Promise.reject(new Error('out of paper'));
      });
    });
    await leader.retire();
    const [first = 0, second = 0, third = 0] = starts;
    // Timers may fire a millisecond early.
    expect(second - first).toBeGreaterThanOrEqual(199);
    expect(third - second).toBeGreaterThanOrEqual(399);
    expect(error.mock.calls.map(([message]) => /\d+ ms/.exec(message)?.[0])).toEqual([
      '200 ms',
      '400 ms',
      '800 ms',
    ]);
  });

  it('that fails because its signal has aborted is logged, without a delay', async () => {
    const leader = new Leader(locks, 'report', 10_000, { error });
    await new Promise<void>(resolve => {
      leader.run(async ({ signal }) => {
        resolve();
        await new Promise(end => signal.addEventListener('abort', end));
        throw new Error('out of paper');
      });
    });
    await leader.retire();
    expect(error.mock.calls).toEqual([
      [
        'A task of the leader election "report" failed after its signal had aborted',
        expect.stringContaining('out of paper'),
      ],
    ]);
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
