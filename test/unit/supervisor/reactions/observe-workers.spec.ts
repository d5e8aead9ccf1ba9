import { beforeEach, describe, expect, it } from 'vitest';
import { observeWorkers } from '../../../../src/supervisor/reactions/observe-workers.js';
import { FakeWorkerHandle } from '../../../support/fakes/fake-worker-handle.js';

let calls: unknown[][];
let logged: unknown[][];

/** A part that notes every call of one of its methods. */
function part(name: string): never {
  return new Proxy(
    {},
    {
      get:
        (_, method) =>
        (...args: unknown[]) => {
          calls.push([`${name}.${String(method)}`, ...args]);
        },
    },
  ) as never;
}

beforeEach(() => {
  calls = [];
  logged = [];
});

function observerOf(worker: FakeWorkerHandle): ReturnType<ReturnType<typeof observeWorkers>> {
  const observe = observeWorkers({
    events: part('events'),
    hungWorkers: part('hungWorkers'),
    overload: part('overload'),
    questions: part('questions'),
    recycling: part('recycling'),
    services: part('services'),
    spares: part('spares'),
    workerEvents: part('workerEvents'),
    workforce: { changes: part('changes') },
    logger: {
      warn: (...texts: unknown[]) => void logged.push(['warn', ...texts]),
      error: (...texts: unknown[]) => void logged.push(['error', ...texts]),
    },
  });
  return observe(worker.handle);
}

describe('observeWorkers()', () => {
  it('passes everything on, together with the worker', () => {
    const worker = new FakeWorkerHandle(0);
    const observer = observerOf(worker);
    const event = { type: 'workerOnline', ...worker.identify(), at: 1 } as const;
    const question = { name: 'status', params: null, answer: () => {} };
    observer.onEvent(event);
    void observer.onQuestion(question);
    observer.onServiceMessage({ type: 'publish' });
    observer.onVitals();
    observer.onRecovered();
    observer.onSilent();
    observer.onWatch();
    expect(calls).toEqual([
      ['workerEvents.onEvent', worker, event],
      ['questions.onQuestion', worker, question],
      ['services.onMessage', worker, { type: 'publish' }],
      ['recycling.consider', worker],
      ['changes.check'],
      ['overload.recovered', worker],
      ['hungWorkers.onSilent', worker],
      ['events.watch', worker],
    ]);
    expect(logged).toEqual([]);
  });

  it('ends spares if a spare cannot wait, and lets a canary that cannot wait serve', () => {
    const [spare, canary] = [new FakeWorkerHandle(-1), new FakeWorkerHandle(2)];
    observerOf(spare).onUnpromotable();
    observerOf(canary).onUnpromotable();
    expect(calls).toEqual([['spares.onUnpromotable', spare]]);
    expect([spare.orders, canary.orders]).toEqual([[], ['promote 2']]);
  });

  it('logs what is wrong with a worker, without the control characters that it sends', () => {
    const worker = new FakeWorkerHandle(1);
    const observer = observerOf(worker);
    const name = `Worker 1 (generation 0, pid ${worker.pid})`;
    observer.onInvalid('got \u001B[31m');
    observer.onFault('the message x', new Error('failed'));
    observer.onIncompatible('Restart the host');
    expect(logged).toEqual([
      ['warn', expect.stringContaining(`${name} sent an invalid message, which was ignored`)],
      [
        'error',
        expect.stringContaining(`the message x of ${name} could not be handled`),
        expect.stringMatching(/^Error: failed\n {4}at /),
      ],
      ['error', `${name} is incompatible with this primary; killing it. Restart the host`],
    ]);
    expect(logged[0]![1]).not.toContain('\u001B');
  });
});
