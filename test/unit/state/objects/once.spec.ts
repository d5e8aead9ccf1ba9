import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { StateFullError } from '../../../../src/model/errors/state-full.error.js';
import { StateUnavailableError } from '../../../../src/model/errors/state-unavailable.error.js';
import { StateClient } from '../../../../src/state/client/state-client.js';
import { Locks } from '../../../../src/state/objects/locks.js';
import { Once } from '../../../../src/state/objects/once.js';
import type { Batch, Outcome } from '../../../../src/state/state-executor.interface.js';
import { MemoryExecutor } from '../../../support/fakes/memory-executor.js';

/** Refuses what would store the outcome of a task, for as long as a test wants. */
class RefusingExecutor extends MemoryExecutor {
  refused = 0;
  refusal: Extract<Outcome, { why: string }> | undefined;
  onRefused: () => void = () => {};

  override execute(batch: Batch): Promise<Outcome> {
    if (this.refusal && batch.operations.some(({ name }) => name === 'setIfAbsent')) {
      this.refused++;
      this.onRefused();
      return Promise.resolve(this.refusal);
    }
    return super.execute(batch);
  }
}

const REQUEST = { name: 'seed', key: 'once:seed', ttl: undefined, timeout: 1_000 };

let executor: RefusingExecutor;
let client: StateClient;
let isOver: boolean;
let once: Once;

beforeEach(() => {
  executor = new RefusingExecutor();
  client = new StateClient(executor, 50, 0);
  const locks = new Locks(client, () => Promise.resolve());
  client.onClose(() => locks.close());
  isOver = false;
  once = new Once(client, locks, 1_000, () => isOver);
});

afterEach(() => client.close());

const becomesFull = vi.fn(async () => {
  await delay(0);
  executor.refusal = { type: 'full', why: 'the Redis server is full' };
  return 'seeded';
});

afterEach(() => becomesFull.mockClear());

it('is recorded as done when the backend, which became full meanwhile, has room again', async () => {
  executor.onRefused = () => {
    if (executor.refused === 2) {
      executor.refusal = undefined;
    }
  };
  expect(await once.run(REQUEST, becomesFull)).toBe('seeded');
  expect(await once.run(REQUEST, becomesFull)).toBe('seeded');
  expect(becomesFull).toHaveBeenCalledTimes(1);
});

it.each([
  ['full', StateFullError],
  ['refused', StateUnavailableError],
] as const)(
  'rejects with what has happened if its outcome cannot be stored: %s',
  async (type, of) => {
    executor.onRefused = () => (isOver = true);
    const task = (): void => void (executor.refusal = { type, why: 'there is no room' });
    const error = await once.run(REQUEST, task).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(of);
    expect(error).toMatchObject({
      message: expect.stringMatching(
        /there is no room\. The task "seed" has run, but is not recorded as done, so the next call runs it again\./,
      ),
      cause: expect.any(of),
    });
  },
);
