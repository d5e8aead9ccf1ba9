import { describe, expect, it } from '@jest/globals';
import { HeartbeatWatch } from '../../../src/supervisor/workers/handle/heartbeat-watch.js';
import { OverloadWatch } from '../../../src/supervisor/workers/overload-watch.js';
import { recycleReason, recycleShare } from '../../../src/supervisor/policies/recycle-policy.js';
import { inLanes } from '../../../src/supervisor/commands/in-lanes.js';
import type { WorkerHandle } from '../../../src/supervisor/workers/handle/worker-handle.js';
import type { WorkerIdentity } from '../../../src/model/host-status.interface.js';
import { Conditions } from '../../../src/system/async/conditions.js';
import type { ToWorker } from '../../support/all-features.js';
import { deferred } from '../../../src/system/async/deferred.js';
import { FakeClock, settle } from '../../support/fakes/fake-clock.js';

function watch(): [HeartbeatWatch, FakeClock, () => boolean] {
  const clock = new FakeClock();
  let isSilent = false;
  const heartbeats = new HeartbeatWatch(clock, { interval: 1_000, timeout: 5_000 }, () => {
    isSilent = true;
  });
  heartbeats.start();
  return [heartbeats, clock, () => isSilent];
}

describe('HeartbeatWatch', () => {
  it('tells of a silence that is longer than the timeout, and not of a shorter one', async () => {
    const [heartbeats, clock, isSilent] = watch();
    await clock.advance(4_900);
    heartbeats.beat();
    await clock.advance(5_000);
    expect(isSilent()).toBe(false);
    await clock.advance(500);
    expect(isSilent()).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('leaves nothing behind', async () => {
    const [heartbeats, clock, isSilent] = watch();
    heartbeats.stop();
    await clock.advance(60_000);
    expect(isSilent()).toBe(false);
    expect(clock.pending).toBe(0);
  });

  it('looks at nothing if there are to be no heartbeats', () => {
    const clock = new FakeClock();
    new HeartbeatWatch(clock, { interval: 0, timeout: 1 }, () => {}).start();
    expect(clock.pending).toBe(0);
  });
});

describe('recycleReason()', () => {
  const limits = { maxMemory: 1_000, maxRequests: 100, maxAge: 10 };

  it.each([
    [{ memory: 999, requests: 99, age: 9 }, 1, undefined],
    [{ memory: 1_000, requests: 99, age: 9 }, 1, 'memory'],
    [{ memory: 900, requests: 0, age: 0 }, 0.9, 'memory'],
    [{ memory: 0, requests: 100, age: 0 }, 1, 'requests'],
    [{ memory: 0, requests: 0, age: 10 }, 1, 'age'],
  ])('of %j with a share of %d is %j', (vitals, share, reason) => {
    expect(recycleReason(vitals, limits, share)).toBe(reason);
  });

  it('knows no limit that is 0', () => {
    const none = { maxMemory: 0, maxRequests: 0, maxAge: 0 };
    expect(recycleReason({ memory: 1e12, requests: 1e12, age: 1e12 }, none, 1)).toBeUndefined();
  });
});

describe('recycleShare()', () => {
  it('takes off up to the jitter, and adds nothing', () => {
    expect(recycleShare(0.1, () => 0)).toBe(1);
    expect(recycleShare(0.1, () => 1)).toBeCloseTo(0.9);
    expect(recycleShare(0, () => 1)).toBe(1);
  });
});

describe('inLanes()', () => {
  it('runs so many at the same time, and no further one after a failure', async () => {
    const tasks = Array.from({ length: 4 }, () => deferred());
    const begun: number[] = [];
    const done = inLanes(
      tasks.map(({ promise }, place) => () => {
        begun.push(place);
        return promise;
      }),
      2,
    );
    let isOver = false;
    void done.catch(() => (isOver = true));
    expect(begun).toEqual([0, 1]);
    tasks[0]!.resolve();
    await settle();
    expect(begun).toEqual([0, 1, 2]);
    tasks[1]!.reject(new Error('failed'));
    await settle();
    expect(isOver).toBe(false);
    tasks[2]!.resolve();
    await expect(done).rejects.toThrow('failed');
    expect(begun).toEqual([0, 1, 2]);
  });
});

class FakeWorker {
  readonly sent: ToWorker[] = [];
  readonly serves = true;
  isOverloaded = false;

  get takesConnections(): boolean {
    return !this.isOverloaded;
  }

  get handle(): WorkerHandle {
    return this as unknown as WorkerHandle;
  }

  identify(): WorkerIdentity {
    return { slot: 0, generation: 0, id: 0, pid: 0 };
  }

  send(message: ToWorker): void {
    this.sent.push(message);
  }
}

describe('OverloadWatch', () => {
  let clock: FakeClock;
  let workers: FakeWorker[];
  let overload: OverloadWatch;

  function among(count: number): void {
    clock = new FakeClock();
    workers = Array.from({ length: count }, () => new FakeWorker());
    overload = new OverloadWatch({
      logger: { log: () => {}, warn: () => {} },
      workforce: {
        changes: new Conditions(clock),
        get workers() {
          return workers.map(({ handle }) => handle);
        },
      },
    });
  }

  const ask = (): boolean[] => workers.map(({ handle }) => overload.ask(handle, 50));

  it('lets every second worker close, and none that is not there', () => {
    among(5);
    expect(ask()).toEqual([true, true, false, false, false]);
    expect(overload.ask(new FakeWorker().handle, 50)).toBe(false);
    overload.recovered(workers[0]!.handle);
    expect(workers.map(({ isOverloaded }) => isOverloaded)).toEqual([
      false,
      true,
      false,
      false,
      false,
    ]);
    expect(overload.ask(workers[2]!.handle, 50)).toBe(true);
  });

  it('lets the only worker never close', () => {
    among(1);
    expect(ask()).toEqual([false]);
  });

  it('has the last to close open again when there are fewer, and says so once', () => {
    among(4);
    ask();
    const [one, other] = workers;
    workers = workers.slice(0, 3);
    overload.check();
    overload.check();
    expect([one!.sent, other!.sent]).toEqual([[], [{ type: 'open' }]]);
  });

  it('knows whether somebody else takes connections, and tells those who do not to open', () => {
    among(2);
    ask();
    const [closed, open] = workers;
    expect(overload.someoneElseTakes([closed!.handle])).toBe(true);
    expect(overload.someoneElseTakes([open!.handle])).toBe(false);
    overload.openOthersThan([open!.handle]);
    overload.openOthersThan([open!.handle]);
    expect(closed!.sent).toEqual([{ type: 'open' }]);
    overload.recovered(closed!.handle);
    expect(overload.someoneElseTakes([open!.handle])).toBe(true);
    expect(overload.othersThan(workers.map(({ handle }) => handle))).toEqual([]);
  });
});
