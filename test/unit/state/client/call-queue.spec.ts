import { afterEach, describe, expect, it, vi } from 'vitest';
import { monotonicNow } from '../../../../src/system/time/monotonic-now.js';
import { Call } from '../../../../src/state/client/call.js';
import { CallQueue } from '../../../../src/state/client/call-queue.js';
import { memoryExecutor } from '../../../support/memory-channel.js';
import type { Operation } from '../../../../src/state/operation.js';
import { StateClient } from '../../../../src/state/client/state-client.js';
import { block } from '../../../fixtures/apps/block.js';
import { FakeExecutor } from '../../../support/fakes/fake-executor.js';

const bounds = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };

function increment(key = 'sold'): Operation<'increment'> {
  return { name: 'increment', key, runs: [[1, 1]], ...bounds };
}

function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: { code: string }) => error.code);
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

let close: () => unknown = () => {};
afterEach(async () => {
  await close();
  vi.useRealTimers();
});

function memoryClient(timeout: number): StateClient {
  const client = new StateClient(memoryExecutor(), timeout, 0);
  close = () => client.close();
  return client;
}

describe('a blocked event loop', () => {
  it('is not mistaken for a dead memory, and starves no timer', async () => {
    const client = memoryClient(50);
    const calls = [1, 2, 3].map(() => client.run(increment(), result => result));
    let hasFired = false;
    setTimeout(() => (hasFired = true), 1);
    block(110);
    expect(await Promise.all(calls)).toEqual([1, 2, 3]);
    await new Promise(resolve => setTimeout(resolve, 2));
    expect(hasFired).toBe(true);
  });

  it('lets many calls settle, in their order, though it is blocked again and again', async () => {
    const client = memoryClient(10);
    let n = 0;
    const calls = Array.from({ length: 2_000 }, () =>
      codeOf(
        client.run({ name: 'append', key: 't', event: 'e', keep: 9 }, result => {
          if (n++ % 100 === 0) {
            block(35);
          }
          return result;
        }),
      ),
    );
    const settled = await Promise.all(calls);
    const offsets = settled
      .filter(each => each !== 'CLUSTER_STATE_UNAVAILABLE')
      .map(each => Number(String(each).split('-')[1]));
    expect(offsets).toEqual(offsets.map((_, index) => index + 1));
  });

  it('is not mistaken for a backend that does not answer: what waits to be sent is sent', async () => {
    const executor = new FakeExecutor();
    const client = new StateClient(executor, 50, 0);
    close = () => client.close();
    const call = client.run(increment(), result => result);
    const next = client.run(increment(), result => result);
    block(110);
    // The backend has heard of it too late, as it was not sent before.
    await executor.answer({ type: 'void' });
    await executor.answer({ type: 'applied', results: [{ total: 2 }] });
    expect(await Promise.all([call, next])).toEqual([1, 2]);
    expect(executor.suspected).toBe(0);
    expect(executor.batches.at(-1)!.deadline).toBeGreaterThan(monotonicNow());
  });

  it('is not mistaken for one by those either that came shortly after another block', async () => {
    const client = memoryClient(50);
    for (let round = 0; round < 3; round++) {
      const calls = [1, 2].map(() => client.run(increment(), result => result));
      block(110);
      expect(await Promise.all(calls)).toEqual([2 * round + 1, 2 * round + 2]);
    }
  });

  it('is no excuse for more than a moment', async () => {
    const executor = new FakeExecutor();
    const client = new StateClient(executor, 50, 0);
    close = () => client.close();
    const call = codeOf(client.run(increment(), result => result));
    block(100);
    const unblockedAt = monotonicNow();
    expect(await call).toBe('CLUSTER_STATE_AMBIGUOUS');
    expect(monotonicNow() - unblockedAt).toBeLessThan(400);
  });
});

describe('calls whose time is over', () => {
  it('are told so also if they are returned unapplied while others are being told', async () => {
    const executor = new FakeExecutor();
    const client = new StateClient(executor, 30, 0);
    close = () => client.close();
    const count = 2_000;
    const settled = new Set<number>();
    const calls = Array.from({ length: count }, (_, index) =>
      codeOf(client.run(increment(`k${index}`), result => result)).finally(() =>
        settled.add(index),
      ),
    );
    while (settled.size === 0) {
      await turn();
    }
    expect(settled.size).toBeLessThan(count);
    await executor.answer({ type: 'void' });
    const codes = await Promise.all(calls);
    // A call on a lane that has not answered may have been applied.
    expect(codes).toHaveLength(count);
    expect(codes.filter(code => !String(code).startsWith('CLUSTER_STATE_'))).toEqual([]);
  });
});

/** Calls of which it is counted how often anybody looks at them. */
class Probe {
  looks = 0;
  settled = 0;

  call(operation: Operation, deadline: number): Call {
    const settle = (): void => void this.settled++;
    const call = new Call(operation, deadline, 0, result => result, settle, settle);
    return new Proxy(call, {
      get: (target, name) => {
        this.looks++;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
      set: (target, name, value) => Reflect.set(target, name, value),
    });
  }
}

/** How often anybody looks at so many calls, of so many keys, until all have been told: time passes only as told. */
async function expire(count: number, keys: number): Promise<number> {
  vi.useFakeTimers();
  const executor = new FakeExecutor();
  const queue = new CallQueue(0, executor, () => 'lane', 2);
  close = () => queue.close();
  const probe = new Probe();
  queue.add(probe.call(increment('first'), monotonicNow() + 300));
  const deadline = monotonicNow() + 300;
  for (let index = 0; index < count; index++) {
    queue.add(probe.call(increment(`k${index % keys}`), deadline + index / count));
  }
  while (probe.settled <= count) {
    await vi.advanceTimersByTimeAsync(1);
  }
  return probe.looks;
}

describe('calls whose time is over while the backend does not answer', () => {
  it.each([1, 50])(
    'are told so by work that grows as their number does, of %i keys',
    async keys => {
      const few = await expire(500, keys);
      const many = await expire(5_000, keys);
      expect(many / few).toBeLessThan(10.5);
    },
  );

  it('are told so in slices', async () => {
    const client = new StateClient(new FakeExecutor(), 200, 0);
    close = () => client.close();
    const toldInTurns = [0];
    const calls = Array.from({ length: 20_000 }, () =>
      client
        .run(increment(), result => result)
        .catch(() => toldInTurns.push(toldInTurns.pop()! + 1)),
    );
    const watch = setInterval(() => toldInTurns.push(0), 0);
    await Promise.all(calls);
    clearInterval(watch);
    // How long a turn takes by that is measured by `npm run bench -- state-stall`.
    expect(Math.max(...toldInTurns)).toBeLessThan(5_000);
  });

  it('may be so many that they are no arguments of a function', async () => {
    const executor = new FakeExecutor();
    const client = new StateClient(executor, 10_000, 0);
    close = () => client.close();
    const first = client.run(increment('first'), result => result);
    const calls = Array.from({ length: 130_000 }, () => client.run(increment(), result => result));
    await executor.answer({ type: 'applied', results: [{ total: 1 }] });
    await executor.answer({ type: 'void' });
    await executor.answer({ type: 'applied', results: [{ total: 130_000 }] });
    await first;
    expect((await Promise.all(calls)).at(-1)).toBe(130_000);
  });
});
