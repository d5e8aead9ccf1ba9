import { beforeEach, describe, expect, it } from 'vitest';
import { WorkerLife } from '../../../../../src/supervisor/workers/handle/worker-life.js';
import { FakeClock } from '../../../../support/fakes/fake-clock.js';

let clock: FakeClock;
let life: WorkerLife;

beforeEach(() => {
  clock = new FakeClock();
  life = new WorkerLife(clock);
});

describe('WorkerLife', () => {
  it('measures the boot and the time since then', async () => {
    await clock.advance(700);
    expect([life.isStarting, life.hasBooted, life.readyFor]).toEqual([true, false, 0]);
    expect(life.become('ready')).toBe(true);
    expect(life.bootTime).toBe(700);
    await clock.advance(300);
    expect([life.isStarting, life.hasBooted, life.readyFor, life.uptime]).toEqual([
      false,
      true,
      300,
      1_000,
    ]);
  });

  it('does not expect a spare to be ready before it is promoted', async () => {
    life.become('standby');
    expect([life.isStarting, life.isExpectedToBeReady]).toEqual([true, false]);
    await clock.advance(60_000);
    life.become('promoted');
    expect(life.isExpectedToBeReady).toBe(true);
    await clock.advance(40);
    life.become('ready');
    expect([life.bootTime, life.isExpectedToBeReady]).toEqual([40, false]);
  });

  it('does not become ready again after it drains', () => {
    life.become('ready');
    life.become('draining');
    expect([life.become('ready'), life.state]).toEqual([false, 'draining']);
  });

  it('keeps its state after the end of its process', () => {
    life.become('ended');
    expect([life.state, life.hasEnded, life.isExpectedToBeReady]).toEqual(['booting', true, false]);
    expect(life.become('draining')).toBe(false);
    expect([life.become('exited'), life.state]).toEqual([true, 'exited']);
  });

  it('does not serve while it hangs, which users do not see as a state', () => {
    life.become('ready');
    expect(life.serves).toBe(true);
    life.become('hung');
    expect([life.serves, life.state, life.become('ready')]).toEqual([false, 'ready', false]);
  });

  it('waits for a slot only while it is on standby', () => {
    expect(life.isWaiting).toBe(false);
    life.become('standby');
    expect(life.isWaiting).toBe(true);
    life.become('promoted');
    expect([life.isWaiting, life.state]).toEqual([false, 'standby']);
  });
});
