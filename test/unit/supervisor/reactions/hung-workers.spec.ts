import { beforeEach, describe, expect, it } from 'vitest';
import { HungWorkers } from '../../../../src/supervisor/reactions/hung-workers.js';
import { type Deferred, deferred } from '../../../../src/system/async/deferred.js';
import { settle } from '../../../support/fakes/fake-clock.js';
import { FakeWorkerHandle } from '../../../support/fakes/fake-worker-handle.js';

let steps: string[];
let worker: FakeWorkerHandle & { readStack?: unknown };
let stack: Deferred<string | undefined>;
let hung: HungWorkers;

beforeEach(() => {
  steps = [];
  stack = deferred();
  worker = Object.assign(new FakeWorkerHandle(1), { readStack: () => stack.promise });
  hung = new HungWorkers({
    timeout: 30_000,
    logger: { error: (text: string) => void steps.push(text) },
    readBlockedStack: () => stack.promise,
    slotRestarts: {
      succeed: (_: unknown, isWanted: boolean) => {
        steps.push(isWanted ? 'wanted' : 'failure');
        return () => true;
      },
    } as never,
    workforce: { changed: () => void steps.push('changed') },
  });
});

describe('HungWorkers', () => {
  it('gives the slot to the next worker at once, and kills the worker when its stack is known', async () => {
    const done = hung.onSilent(worker.handle);
    expect([steps, worker.orders]).toEqual([['failure', 'changed'], []]);
    stack.resolve('    at spin (report.service.ts:42:3)');
    await done;
    expect(steps.at(-1)).toBe(
      `Worker 1 (generation 0, pid ${worker.pid}) did not send a heartbeat for 30.0 s (heartbeat.timeout); killing and replacing it. ` +
        'It is blocked here:\n    at spin (report.service.ts:42:3)',
    );
    expect(worker.orders).toEqual(['kill hung']);
  });

  it('kills the worker also if its stack cannot be read', async () => {
    stack.resolve(undefined);
    await hung.onSilent(worker.handle);
    expect(steps.at(-1)).toMatch(/The blocking code is unknown/);
    expect(worker.orders).toEqual(['kill hung']);
  });

  it('says nothing if the worker has exited meanwhile', async () => {
    void hung.onSilent(worker.handle);
    worker.ends('crashed');
    stack.resolve('stack');
    await settle();
    expect([steps, worker.orders]).toEqual([['failure', 'changed'], []]);
  });
});
