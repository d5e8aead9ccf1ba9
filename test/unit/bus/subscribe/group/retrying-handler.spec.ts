import { describe, expect, it } from 'vitest';
import { FaultReport } from '../../../../../src/bus/fault-report.js';
import type { ArrivedEvent } from '../../../../../src/bus/subscribe/arrived-event.interface.js';
import { EventHandler } from '../../../../../src/bus/subscribe/event-handler.js';
import { retryDelay } from '../../../../../src/bus/subscribe/group/retry-policy.js';
import { RetryingHandler } from '../../../../../src/bus/subscribe/group/retrying-handler.js';
import { ABANDONED } from '../../../../../src/bus/subscribe/mailbox.js';

const from = { member: 'm', host: 'h', slot: 0, generation: 0, id: 1, pid: 1 };
const event: ArrivedEvent = { topic: 't', from, payload: 1, offset: '5-1', size: 1 };

/** A schema that refuses every payload. */
const refusing = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: () => ({ issues: [{ message: 'no number' }] }),
  },
} as const;

function handlerThat(
  handle: () => unknown,
  given: { retries?: number; backoff?: number; deadLetter?: string; schema?: typeof refusing },
  publish: (topic: string, payload: string) => Promise<void> = () => Promise.resolve(),
) {
  const logged: string[] = [];
  const log = (message: string): void => void logged.push(message);
  const faults: string[] = [];
  const report = new FaultReport({ warn: log, error: log }, ({ type }) => faults.push(type));
  const { retries = 0, backoff = 1, deadLetter, schema } = given;
  const handler = new EventHandler({ name: 'a handler', handle, schema }, report);
  const retrying = new RetryingHandler(
    handler,
    'g',
    { retries, backoff, deadLetter },
    { report, publish },
  );
  return { retrying, logged, faults };
}

const fail = (): never => {
  throw new Error('no');
};

describe('a handler with retries', () => {
  it('logs each retry with its delay', async () => {
    const { retrying, logged, faults } = handlerThat(fail, { retries: 1 });
    expect(await retrying.handle(event)).toBeUndefined();
    expect(logged).toEqual([
      'a handler failed to handle "t" (attempt 1 of 2), and handles it again in 1 ms: no',
      'a handler failed to handle "t"',
    ]);
    expect(faults).toEqual(['handler-failed']);
  });

  it('does not handle an invalid payload again', async () => {
    const letters: unknown[] = [];
    const { retrying, faults } = handlerThat(
      fail,
      { retries: 5, deadLetter: 'dead', schema: refusing },
      async (topic, payload) => void letters.push([topic, JSON.parse(payload)]),
    );
    await retrying.handle(event);
    expect(faults).toEqual(['invalid-payload']);
    expect(letters).toMatchObject([['dead', { error: 'no number', attempts: 0, payload: 1 }]]);
  });

  it('publishes a dead letter for an error whose message cannot be read', async () => {
    const letters: unknown[] = [];
    const unreadable = Object.defineProperty(new Error('no'), 'message', { get: fail });
    const { retrying } = handlerThat(
      () => Promise.reject(unreadable),
      { deadLetter: 'dead' },
      async (_, payload) => void letters.push(JSON.parse(payload)),
    );
    await retrying.handle(event);
    expect(letters).toMatchObject([{ error: 'a value that cannot be printed', attempts: 1 }]);
  });

  it('publishes a dead letter again until the backend takes it', async () => {
    let refusals = 1;
    const { retrying, logged } = handlerThat(fail, { deadLetter: 'dead' }, () =>
      refusals-- > 0 ? Promise.reject(new Error('away')) : Promise.resolve(),
    );
    expect(await retrying.handle(event)).toBeUndefined();
    expect(logged.at(-1)).toBe(
      'An event on "t" could not be published on its deadLetter topic "dead", which is tried again: away',
    );
  });

  it('abandons an event that waits when it stops, and one that fails afterwards', async () => {
    const { retrying } = handlerThat(fail, { retries: 5, backoff: 600_000 });
    const waiting = retrying.handle(event);
    await new Promise(resolve => setImmediate(resolve));
    retrying.stop();
    expect(await waiting).toBe(ABANDONED);
    expect(await retrying.handle(event)).toBe(ABANDONED);
  });
});

const delays = (random: number): number[] =>
  [1, 2, 3, 30].map(attempt => retryDelay(attempt, 1_000, () => random));

describe('the delay of a retry', () => {
  it('doubles up to five minutes, and is at least half of that', () => {
    expect(delays(1)).toEqual([1_000, 2_000, 4_000, 300_000]);
    expect(delays(0)).toEqual([500, 1_000, 2_000, 150_000]);
    expect(retryDelay(9, 600_000, () => 1)).toBe(600_000);
  });
});
