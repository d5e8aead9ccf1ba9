import { beforeEach, describe, expect, it } from 'vitest';
import type { DrainCause } from '../../../../src/model/host-status.interface.js';
import type { LeaveTerms } from '../../../../src/ipc/supervision.protocol.js';
import { Dismissal } from '../../../../src/supervisor/workers/dismissal.js';
import { GracefulRemoval } from '../../../../src/supervisor/workers/graceful-removal.js';
import { Conditions } from '../../../../src/system/async/conditions.js';
import { type Deferred, deferred } from '../../../../src/system/async/deferred.js';
import { FakeClock, settle } from '../../../support/fakes/fake-clock.js';
import { FakeWorkerHandle } from '../../../support/fakes/fake-worker-handle.js';

let clock: FakeClock;
let changes: Conditions;
let steps: unknown[];
let worker: FakeWorkerHandle;
let othersServe: Deferred;
let portClosed: Deferred;
let shutdown: {
  isUnderWay: boolean;
  portClosed(): Promise<void>;
  terms(cause: DrainCause): LeaveTerms;
};

beforeEach(() => {
  clock = new FakeClock();
  changes = new Conditions(clock);
  steps = [];
  worker = new FakeWorkerHandle(0);
  othersServe = deferred();
  portClosed = deferred();
  shutdown = {
    isUnderWay: false,
    portClosed() {
      return this.isUnderWay ? portClosed.promise : Promise.resolve();
    },
    terms(cause) {
      return { cause: this.isUnderWay ? 'stop' : cause, timeout: 1_000 };
    },
  };
});

const takeover = {
  untilOthersServe: (
    _: unknown,
    isReplaced: () => boolean,
    onAlone?: () => void,
  ): Promise<void> => {
    steps.push(['wait', isReplaced()]);
    onAlone?.();
    return othersServe.promise;
  },
};

function remove(cause: DrainCause): void {
  const removal = new GracefulRemoval({
    workforce: { changes },
    takeover,
    slotRestarts: {
      succeed: (_, isWanted) => {
        steps.push(isWanted ? 'replace' : 'replace as alone');
        return () => false;
      },
    },
    shutdown,
  });
  void removal.remove(worker.handle, cause).then(terms => steps.push(terms));
}

describe('GracefulRemoval', () => {
  it('starts the replacement of a worker that received a signal, and lets it leave after that', async () => {
    remove('signal');
    await clock.advance(49);
    expect(steps).toEqual([]);
    await clock.advance(1);
    expect(steps).toEqual(['replace', ['wait', false], 'replace as alone']);
    expect(worker.orders).toEqual([]);
    othersServe.resolve();
    await settle();
    expect(steps.at(-1)).toEqual({ cause: 'signal', timeout: 1_000 });
    expect(worker.orders).toEqual(['leaves signal']);
  });

  it('takes the signal for one to the host if the host gets it a moment later', async () => {
    remove('signal');
    await clock.advance(10);
    shutdown.isUnderWay = true;
    changes.check();
    await settle();
    expect(steps).toEqual([]);
    portClosed.resolve();
    await settle();
    expect(steps).toEqual([{ cause: 'stop', timeout: 1_000 }]);
    expect(worker.orders).toEqual(['leaves stop']);
  });

  it('lets a worker that closes itself wait only for others', async () => {
    remove('close');
    await settle();
    expect(steps).toEqual([['wait', true], 'replace as alone']);
    othersServe.resolve();
    await settle();
    expect(worker.orders).toEqual(['leaves close']);
  });

  it('does not hold back a worker that was not ready', async () => {
    worker.state = 'booting';
    remove('close');
    await settle();
    expect(steps).toEqual([{ cause: 'close', timeout: 1_000 }]);
  });
});

describe('Dismissal', () => {
  it('drains workers when others serve', async () => {
    const other = new FakeWorkerHandle(1);
    const done = new Dismissal({ takeover, shutdown }).for('scale')(worker.handle, other.handle);
    await settle();
    expect([steps, worker.orders]).toEqual([[['wait', true]], []]);
    othersServe.resolve();
    await done;
    expect([worker.orders, other.orders]).toEqual([['drain scale'], ['drain scale']]);
  });

  it('leaves them to a stop that has begun meanwhile', async () => {
    const done = new Dismissal({ takeover, shutdown }).for('reload')(worker.handle);
    shutdown.isUnderWay = true;
    othersServe.resolve();
    await done;
    expect(worker.orders).toEqual([]);
  });
});
