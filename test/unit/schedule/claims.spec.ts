import { expect, it } from 'vitest';
import { AmbiguousResultError } from '../../../src/model/errors/ambiguous-result.error.js';
import { StateFullError } from '../../../src/model/errors/state-full.error.js';
import { StateUnavailableError } from '../../../src/model/errors/state-unavailable.error.js';
import { Claims } from '../../../src/schedule/claims.js';

/** A state in which the next calls fail, before or after they were applied. */
class State {
  readonly values = new Map<string, unknown>();
  readonly failures: ('before' | 'after' | 'full')[] = [];

  async setIfAbsent(key: string, value: unknown): Promise<boolean> {
    return this.#call(() => {
      const isNew = !this.values.has(key);
      if (isNew) {
        this.values.set(key, value);
      }
      return isNew;
    });
  }

  async get<T>(key: string): Promise<T | undefined> {
    return this.#call(() => this.values.get(key) as T | undefined);
  }

  async delete(key: string): Promise<boolean> {
    return this.#call(() => this.values.delete(key));
  }

  #call<Result>(apply: () => Result): Result {
    const failure = this.failures.shift();
    if (failure === 'before') {
      throw new StateUnavailableError('set', 'claim', 'no connection');
    }
    if (failure === 'full') {
      throw new StateFullError('set', 'claim', 'no memory');
    }
    const result = apply();
    if (failure === 'after') {
      throw new AmbiguousResultError('set', 'claim', 'id', 'no answer');
    }
    return result;
  }
}

it('has whoever makes the claim first', async () => {
  const state = new State();
  const [one, other] = [new Claims(state), new Claims(state)];
  expect([await one.make('tick', 1_000), await other.make('tick', 1_000)]).toEqual([true, false]);
  expect(await other.exists('tick')).toBe(true);
});

// Concurrent, as they wait.
it.concurrent.each([
  [['before']],
  [['after']],
  [['after', 'before', 'after']],
  [['full']],
] as const)('has it once when calls or their answers are lost: %s', async failures => {
  const state = new State();
  state.failures.push(...failures);
  expect(await new Claims(state).make('tick', 1_000)).toBe(true);
  expect(await new Claims(state).make('tick', 1_000)).toBe(false);
});

it.concurrent('does not have what another one has claimed while the backend was away', async () => {
  const state = new State();
  state.failures.push('before');
  const late = new Claims(state).make('tick', 1_000);
  state.values.set('tick', 'another one');
  expect(await late).toBe(false);
});

it('can be made again once it was given back', async () => {
  const state = new State();
  const claims = new Claims(state);
  await claims.make('tick', 1_000);
  await claims.giveBack('tick');
  expect(await claims.make('tick', 1_000)).toBe(true);
});
