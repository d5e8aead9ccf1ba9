import { describe, expect, it } from 'vitest';
import { OverloadWatch } from '../../../../src/supervisor/workers/overload-watch.js';
import { Conditions } from '../../../../src/system/async/conditions.js';
import { FakeClock } from '../../../support/fakes/fake-clock.js';
import { FakeWorkerHandle } from '../../../support/fakes/fake-worker-handle.js';

describe('OverloadWatch', () => {
  let workers: FakeWorkerHandle[];
  let overload: OverloadWatch;
  let logged: string[];
  let clock: FakeClock;

  function log(text: string): void {
    logged.push(text);
  }

  function among(count: number): void {
    logged = [];
    workers = Array.from({ length: count }, () => new FakeWorkerHandle());
    clock = new FakeClock();
    overload = new OverloadWatch({
      clock,
      logger: { log, warn: log },
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
    expect(overload.ask(new FakeWorkerHandle().handle, 50)).toBe(false);
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
    expect([one!.orders, other!.orders]).toEqual([[], [{ type: 'open' }]]);
  });

  it('knows whether somebody else takes connections, and tells those who do not to open', () => {
    among(2);
    ask();
    const [closed, open] = workers;
    expect(overload.someoneElseTakes([closed!.handle])).toBe(true);
    expect(overload.someoneElseTakes([open!.handle])).toBe(false);
    overload.openOthersThan([open!.handle]);
    overload.openOthersThan([open!.handle]);
    expect(closed!.orders).toEqual([{ type: 'open' }]);
    overload.recovered(closed!.handle);
    expect(overload.someoneElseTakes([open!.handle])).toBe(true);
    expect(overload.othersThan(workers.map(({ handle }) => handle))).toEqual([]);
  });

  it('logs both, and what follows', () => {
    among(2);
    overload.ask(workers[0]!.handle, 120);
    overload.recovered(workers[0]!.handle);
    overload.recovered(workers[0]!.handle);
    const name = `Worker 0 (generation 0, pid ${workers[0]!.pid})`;
    expect(logged).toEqual([
      `${name} is overloaded and accepts no new connections until it has recovered: its event loop is 120 ms late (overload.maxDelay)`,
      `${name} has recovered and accepts new connections again`,
    ]);
  });

  it('logs one overload of each worker per minute, and then how many it has not logged', async () => {
    among(4);
    const [worker, other] = workers.map(({ handle }) => handle);
    for (let times = 0; times < 26; times++) {
      overload.ask(worker!, 120);
      overload.recovered(worker!);
    }
    expect(logged).toHaveLength(2);
    overload.ask(other!, 120);
    expect(logged).toHaveLength(3);
    await clock.advance(60_000);
    overload.ask(worker!, 130);
    overload.recovered(worker!);
    expect(logged.slice(3)).toEqual([
      expect.stringMatching(
        /is 130 ms late \(overload\.maxDelay\)\. It was overloaded 25 times since the last such line$/,
      ),
      expect.stringMatching(/has recovered/),
    ]);
  });

  it('forgets a worker that has exited or hangs', () => {
    among(2);
    ask();
    workers[0]!.isHung = true;
    overload.check();
    workers[0]!.isHung = false;
    expect(overload.ask(workers[1]!.handle, 50)).toBe(true);
  });
});
