import { describe, expect, it } from 'vitest';
import { ChaosRunner } from '../../../../src/cli/verify/chaos-runner.js';
import type { LifecycleEvent } from '../../../../src/cli/verify/lifecycle-event.interface.js';
import { Kills } from '../../../../src/cli/verify/load/kills.js';
import { Roster } from '../../../../src/cli/verify/worker-roster.js';
import { schedule } from '../../../../src/cli/verify/chaos-schedule.js';

/** An application that does what it is told to on a signal. */
function application(onSignal: (signal: string) => void) {
  const workers = new Roster();
  const watchers = new Set<(event?: LifecycleEvent) => void>();
  const hear = (said: Omit<LifecycleEvent, 'at'>): void => {
    const event = { ...said, at: 0 };
    workers.hear(event);
    watchers.forEach(look => look(event));
  };
  const app = {
    workers,
    signal: onSignal,
    until: (condition: (event?: LifecycleEvent) => boolean, _: number, what: string) =>
      new Promise<void>((resolve, reject) => {
        const look = (event?: LifecycleEvent): void => {
          if (event?.type === 'ended') {
            reject(new Error(`ended before ${what}`));
          } else if (condition(event)) {
            resolve();
          }
        };
        watchers.add(look);
        look();
      }),
  };
  const fork = (slot: number, pid: number): void => {
    hear({ type: 'workerForked', slot, pid });
    hear({ type: 'workerReady', slot, pid });
  };
  fork(0, 100);
  fork(1, 101);
  return { app, hear, fork };
}

describe('a reload', () => {
  it('is asked for by SIGHUP, and recorded as the primary tells it', async () => {
    const signals: string[] = [];
    const { app, hear } = application(signal => signals.push(signal));
    const tally = { phase: 'rest' as const };
    const chaosRunner = new ChaosRunner(app, tally, new Kills(), 1_000);
    const reloading = chaosRunner.disturb('reload');
    expect(signals).toEqual(['SIGHUP']);
    expect(tally.phase).toBe('reload');
    hear({ type: 'reloadStarted', pid: 1 });
    hear({ type: 'reloadFinished', pid: 1, outcome: 'done', duration: 1_234 });
    await reloading;
    expect(tally.phase).toBe('rest');
    expect(chaosRunner.reloads).toEqual([{ outcome: 'done', duration: 1_234 }]);
  });

  it('that fails is recorded with its reason', async () => {
    const { app, hear } = application(() => {});
    const chaosRunner = new ChaosRunner(app, { phase: 'rest' }, new Kills(), 1_000);
    const reloading = chaosRunner.disturb('reload');
    hear({ type: 'reloadFinished', pid: 1, outcome: 'failed', duration: 5, error: 'no boot' });
    await reloading;
    expect(chaosRunner.reloads).toEqual([{ outcome: 'failed', duration: 5, error: 'no boot' }]);
  });

  it('that the primary never finishes is recorded, too', async () => {
    const { app, hear } = application(() => hear({ type: 'ended', pid: 1 }));
    const chaosRunner = new ChaosRunner(app, { phase: 'rest' }, new Kills(), 1_000);
    await expect(chaosRunner.disturb('reload')).rejects.toThrow(
      'a reload had started and finished',
    );
    expect(chaosRunner.reloads).toMatchObject([{ outcome: 'no answer' }]);
  });
});

describe('the end of one worker', () => {
  it.each([
    ['replacement', 'SIGTERM', 0],
    ['kill', 'SIGKILL', 1],
  ] as const)('%s: %s to one that is ready, until it is replaced', async (kind, signal, killed) => {
    const { app, hear, fork } = application(() => {});
    const kills = new Kills();
    const told: unknown[] = [];
    const tell: typeof process.kill = (pid, name) => {
      told.push([pid, name]);
      return true;
    };
    const chaosRunner = new ChaosRunner(app, { phase: 'rest' }, kills, 1_000, () => 0.9, tell);
    let done = false;
    const disturbing = chaosRunner.disturb(kind).then(() => (done = true));
    expect(told).toEqual([[101, signal]]);
    hear({ type: 'workerExited', slot: 1, pid: 101 });
    await Promise.resolve();
    expect(done).toBe(false);
    fork(1, 102);
    await disturbing;
    expect(kills.count).toBe(killed);
    expect(chaosRunner.replacements).toBe(1 - killed);
  });
});

describe('the roster', () => {
  it('is settled when every worker with a place is ready; a spare has none', () => {
    const roster = new Roster();
    const hear = (type: string, slot: number, pid: number): void =>
      roster.hear({ type, slot, pid, at: 0 });
    expect(roster.isSettled).toBe(false);
    hear('workerForked', 0, 100);
    hear('workerForked', -1, 200);
    expect(roster.isSettled).toBe(false);
    hear('workerReady', 0, 100);
    expect(roster.isSettled).toBe(true);
    expect(roster.ready).toEqual([100]);
    expect(roster.standby).toEqual([]);
    hear('workerStandby', -1, 200);
    expect(roster.standby).toEqual([200]);
    expect(roster.living).toEqual([100, 200]);
    hear('workerDraining', 0, 100);
    expect(roster.isSettled).toBe(false);
    hear('workerExited', 0, 100);
    // Promoted: it takes the place.
    hear('workerReady', 0, 200);
    expect(roster.isSettled).toBe(true);
    expect(roster.ready).toEqual([200]);
  });
});

describe('the order of disturbances', () => {
  it('spreads each kind evenly', () => {
    expect(schedule({ reload: 4, replacement: 0, kill: 2 })).toEqual([
      'reload',
      'kill',
      'reload',
      'reload',
      'kill',
      'reload',
    ]);
  });
});
