import { beforeEach, describe, expect, it } from 'vitest';
import {
  Replacement,
  type ReplacementTerms,
} from '../../../../src/supervisor/commands/replacement.js';
import { WorkerFailedError } from '../../../../src/supervisor/commands/worker-failed.error.js';
import type { Slot } from '../../../../src/supervisor/workers/slot.js';
import { settle } from '../../../support/fakes/fake-clock.js';
import type { FakeWorkerHandle } from '../../../support/fakes/fake-worker-handle.js';
import { FakeWorkforce } from '../../../support/fakes/fake-workforce.js';

const VITALS = {
  memory: 1,
  requests: 0,
  eventLoopDelay: 0,
  eventLoopDelayP99: 0,
  eventLoopUtilization: 0,
};

let fakes: FakeWorkforce;
let slot: Slot;
let old: FakeWorkerHandle;
let stop: AbortController;
let outcome: unknown;

beforeEach(() => {
  fakes = new FakeWorkforce(1);
  slot = fakes.workforce.slots[0]!;
  old = fakes.forked[0]!;
  stop = new AbortController();
  outcome = 'pending';
  fakes.generation = 1;
});

function replace(terms?: ReplacementTerms): [Replacement, FakeWorkerHandle] {
  const replacement = new Replacement(slot, fakes.workforce, fakes.dismiss, terms);
  return [replacement, replacement.worker as unknown as FakeWorkerHandle];
}

async function watch(promise: Promise<unknown>): Promise<void> {
  promise.then(
    () => (outcome = 'done'),
    (error: unknown) => (outcome = error),
  );
  await settle();
}

describe('Replacement', () => {
  it('lets the new worker serve before the old one drains, and ends with the old one', async () => {
    const [replacement, next] = replace();
    await watch(replacement.awaitHealthy(stop.signal));
    expect([outcome, old.orders, slot.current]).toEqual(['pending', [], old]);
    await fakes.ready(next);
    expect([outcome, old.orders]).toEqual(['done', []]);
    outcome = 'pending';
    await watch(replacement.finish(stop.signal));
    expect([outcome, old.orders, slot.current]).toEqual(['pending', ['drain reload'], next]);
    await fakes.end(old);
    expect([outcome, slot.workers]).toEqual(['done', [next]]);
  });

  it('fills an empty slot', async () => {
    await fakes.end(old, 'crashed');
    const [replacement, next] = replace();
    expect(slot.current).toBe(next);
    await fakes.ready(next);
    await watch(replacement.finish(stop.signal));
    expect(outcome).toBe('done');
  });

  it('takes a worker that is new enough', () => {
    const [replacement] = replace({ sufficient: 0 });
    expect([replacement.worker, fakes.forked]).toEqual([old, [old]]);
  });

  it('soaks the new worker for half of the time without listening, and then serving', async () => {
    const [replacement, next] = replace({ soak: 1_000 });
    await watch(replacement.awaitHealthy(stop.signal));
    await fakes.change(() => (next.state = 'standby'));
    await fakes.clock.advance(499);
    expect(next.orders).toEqual([]);
    await fakes.clock.advance(1);
    expect(next.orders).toEqual(['promote 0']);
    await fakes.ready(next);
    await fakes.clock.advance(499);
    expect(outcome).toBe('pending');
    await fakes.clock.advance(1);
    expect(outcome).toBe('done');
  });

  it('takes a new worker for healthy only when it sends a heartbeat after the soak', async () => {
    const [replacement, next] = replace({ soak: 1_000 });
    next.sendsHeartbeats = true;
    await watch(replacement.awaitHealthy(stop.signal));
    await fakes.ready(next);
    await fakes.change(() => (next.vitals = { ...VITALS }));
    await fakes.clock.advance(60_000);
    expect(outcome).toBe('pending');
    await fakes.change(() => (next.vitals = { ...VITALS }));
    expect(outcome).toBe('done');
  });

  it('fails if the new worker is blocked when the soak ends, and then hung', async () => {
    const [replacement, next] = replace({ soak: 1_000 });
    next.sendsHeartbeats = true;
    await watch(replacement.awaitHealthy(stop.signal));
    await fakes.ready(next);
    await fakes.clock.advance(10_000);
    await fakes.change(() => (next.isHung = true));
    expect([outcome, old.orders]).toEqual(['pending', []]);
    await fakes.end(next, 'hung');
    expect(outcome).toBeInstanceOf(WorkerFailedError);
    expect([slot.current, old.orders]).toEqual([old, []]);
  });

  it('soaks no longer without listening when the slot needs the new worker', async () => {
    const [replacement, next] = replace({ soak: 60_000 });
    await watch(replacement.awaitHealthy(stop.signal));
    await fakes.change(() => (next.state = 'standby'));
    await fakes.end(old, 'crashed');
    expect(next.orders).toEqual(['promote 0']);
  });

  it.each(['boot-failed', 'crashed', 'hung'] as const)(
    'fails with what is known about the new worker when that is gone: %s',
    async reason => {
      const [replacement, next] = replace({ soak: 1_000 });
      await watch(replacement.awaitHealthy(stop.signal));
      next.ending.error = 'Error: no database';
      next.output.tail = 'Error: no database\n    at main.ts\n';
      await fakes.end(next, reason);
      expect(outcome).toBeInstanceOf(WorkerFailedError);
      expect((outcome as WorkerFailedError).failure).toEqual({
        why: expect.stringMatching(/^Worker 0 \(generation 1, .*Last error: Error: no database$/),
        generation: 1,
        worker: { slot: 0, pid: next.pid, reason, output: next.output.tail },
      });
      expect([slot.workers, old.orders]).toEqual([[old], []]);
    },
  );

  it('keeps the old worker if the new one dies before the old one drains', async () => {
    const [replacement, next] = replace();
    await fakes.ready(next);
    await fakes.end(next, 'crashed');
    await watch(replacement.finish(stop.signal));
    expect(outcome).toBeInstanceOf(WorkerFailedError);
    expect([slot.current, old.orders]).toEqual([old, []]);
  });

  it('has nothing more to do if the old worker has left on its own', async () => {
    const [replacement, next] = replace();
    await fakes.ready(next);
    await fakes.end(old, 'crashed');
    await watch(replacement.finish(stop.signal));
    expect([outcome, slot.current]).toEqual(['done', next]);
  });

  it.each([
    ['kills a new worker that boots', 'booting', 'kill killed'],
    ['drains a new worker that serves', 'ready', 'drain reload'],
  ] as const)('%s when it is rolled back', async (_, state, order) => {
    const [replacement, next] = replace();
    await fakes.change(() => (next.state = state));
    await watch(replacement.rollback(stop.signal));
    expect(next.orders).toEqual([order]);
    await fakes.end(next);
    expect([outcome, slot.workers]).toEqual(['done', [old]]);
  });

  it('keeps a new worker that already has the slot when it is rolled back', async () => {
    const [replacement, next] = replace();
    await fakes.end(old, 'crashed');
    await watch(replacement.rollback(stop.signal));
    expect([outcome, next.orders, slot.current]).toEqual(['done', [], next]);
  });

  it.each(['booting', 'standby', 'ready'] as const)(
    'leaves a new worker (%s) to the stop of the host',
    async state => {
      const [replacement, next] = replace();
      await fakes.change(() => (next.state = state));
      stop.abort('stopping');
      await watch(replacement.rollback(stop.signal));
      expect([outcome, next.orders, next.exit]).toEqual(['done', [], undefined]);
    },
  );

  it('gives up at once when the host stops', async () => {
    const [replacement] = replace();
    await watch(replacement.awaitHealthy(stop.signal));
    stop.abort('stopping');
    await settle();
    expect(outcome).toBe('stopping');
  });
});
