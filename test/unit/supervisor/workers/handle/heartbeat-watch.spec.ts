import { beforeEach, describe, expect, it } from 'vitest';
import { HeartbeatWatch } from '../../../../../src/supervisor/workers/handle/heartbeat-watch.js';
import { FakeClock } from '../../../../support/fakes/fake-clock.js';

let clock: FakeClock;
let silences: number;
let watch: HeartbeatWatch;

const watchEvery = (interval: number): HeartbeatWatch =>
  new HeartbeatWatch(clock, { interval, timeout: 4_000 }, () => silences++);

beforeEach(() => {
  clock = new FakeClock();
  silences = 0;
  watch = watchEvery(1_000);
});

describe('HeartbeatWatch', () => {
  it('reports once that no heartbeat has come for longer than the timeout', async () => {
    watch.start();
    await clock.advance(4_000);
    expect([silences, watch.overdue]).toEqual([0, 3_000]);
    await clock.advance(60_000);
    expect(silences).toBe(1);
  });

  it('tells of a silence that is longer than the timeout, and not of a shorter one', async () => {
    watch.start();
    await clock.advance(3_900);
    watch.beat();
    await clock.advance(4_000);
    expect(silences).toBe(0);
    await clock.advance(500);
    expect([silences, clock.pending]).toEqual([1, 0]);
  });

  it('leaves nothing behind', async () => {
    watch.start();
    watch.stop();
    await clock.advance(60_000);
    expect([silences, clock.pending]).toEqual([0, 0]);
  });

  it('starts anew with each heartbeat', async () => {
    watch.start();
    for (let beats = 0; beats < 10; beats++) {
      await clock.advance(3_000);
      watch.beat();
    }
    expect([silences, watch.overdue]).toEqual([0, 0]);
  });

  it('goes on with its count when it is started again', async () => {
    watch.start();
    await clock.advance(4_000);
    watch.start();
    await clock.advance(250);
    expect(silences).toBe(1);
  });

  it('keeps its count while it is suspended', async () => {
    watch.start();
    await clock.advance(3_000);
    watch.suspend();
    expect(watch.overdue).toBe(0);
    await clock.advance(60_000);
    expect(silences).toBe(0);
    watch.resume();
    expect(watch.overdue).toBe(2_000);
    await clock.advance(1_250);
    expect(silences).toBe(1);
  });

  it('stays stopped when it is resumed', async () => {
    watch.start();
    watch.suspend();
    watch.stop();
    watch.resume();
    expect(clock.pending).toBe(0);
  });

  it('watches nothing without an interval', () => {
    watch = watchEvery(0);
    watch.start();
    expect(clock.pending).toBe(0);
  });
});
