import { beforeEach, describe, expect, it } from 'vitest';
import { OverloadWatch } from '../../../../src/supervisor/workers/overload-watch.js';
import { Takeover } from '../../../../src/supervisor/workers/takeover.js';
import { Conditions } from '../../../../src/system/async/conditions.js';
import { FakeClock, settle } from '../../../support/fakes/fake-clock.js';
import { FakeWorkerHandle } from '../../../support/fakes/fake-worker-handle.js';

let clock: FakeClock;
let changes: Conditions;
let workers: FakeWorkerHandle[];
let shutdown: { isUnderWay: boolean };
let overload: OverloadWatch;
let takeover: Takeover;
let isOver: boolean;
let alone: number;

beforeEach(() => {
  clock = new FakeClock();
  changes = new Conditions(clock);
  workers = [new FakeWorkerHandle(0), new FakeWorkerHandle(1)];
  shutdown = { isUnderWay: false };
  const workforce = {
    changes,
    get workers() {
      return workers.map(({ handle }) => handle);
    },
  };
  overload = new OverloadWatch({ clock, logger: { log: () => {}, warn: () => {} }, workforce });
  takeover = new Takeover({ timeout: 10_000, clock, workforce, overload, shutdown });
  isOver = false;
  alone = 0;
});

/** Waits until others serve, and returns whether it is over at once. */
async function leave(isReplaced: () => boolean = () => true): Promise<boolean> {
  const leaving = [workers[0]!.handle];
  void takeover.untilOthersServe(leaving, isReplaced, () => alone++).then(() => (isOver = true));
  await settle();
  return isOver;
}

async function change(happen: () => unknown): Promise<boolean> {
  happen();
  changes.check();
  await settle();
  return isOver;
}

describe('Takeover', () => {
  it('does not wait while another worker accepts connections', async () => {
    expect(await leave()).toBe(true);
    expect([alone, clock.pending]).toEqual([0, 0]);
  });

  it('waits for the next worker of a worker that is alone', async () => {
    workers[1]!.state = 'booting';
    expect(await leave()).toBe(false);
    expect(alone).toBe(1);
    expect(await change(() => (workers[1]!.state = 'ready'))).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('waits for the replacement too', async () => {
    let isReplaced = false;
    expect(await leave(() => isReplaced)).toBe(false);
    expect(await change(() => (isReplaced = true))).toBe(true);
  });

  it('notices that the other worker has died meanwhile', async () => {
    let isReplaced = false;
    await leave(() => isReplaced);
    await change(() => (workers[1]!.state = 'exited'));
    expect(alone).toBe(1);
    expect(await change(() => (isReplaced = true))).toBe(false);
  });

  it('tells an overloaded worker to accept connections again, and waits until it does', async () => {
    overload.ask(workers[1]!.handle, 100);
    expect(await leave()).toBe(false);
    expect(workers[1]!.orders).toEqual([{ type: 'open' }]);
    overload.recovered(workers[1]!.handle);
    await settle();
    expect(isOver).toBe(true);
  });

  it.each<[string, () => unknown]>([
    ['a stop begins', () => (shutdown.isUnderWay = true)],
    ['the leaving worker dies', () => (workers[0]!.state = 'exited')],
  ])('waits no longer when %s', async (_, happen) => {
    workers[1]!.state = 'booting';
    await leave();
    expect(await change(happen)).toBe(true);
  });

  it('waits no longer than the timeout', async () => {
    workers[1]!.state = 'booting';
    await leave();
    await clock.advance(9_999);
    expect(isOver).toBe(false);
    await clock.advance(1);
    expect([isOver, clock.pending]).toEqual([true, 0]);
  });
});
