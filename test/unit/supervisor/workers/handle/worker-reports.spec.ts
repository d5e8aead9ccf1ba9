import { beforeEach, describe, expect, it } from 'vitest';
import type { WorkerEventDetails } from '../../../../../src/model/events/cluster-event.interface.js';
import { WorkerEnding } from '../../../../../src/supervisor/workers/handle/worker-ending.js';
import { WorkerLife } from '../../../../../src/supervisor/workers/handle/worker-life.js';
import { WorkerReports } from '../../../../../src/supervisor/workers/handle/worker-reports.js';
import { FakeClock } from '../../../../support/fakes/fake-clock.js';

const ADDRESS = { address: '127.0.0.1', port: 3000 };
const FAILURE = { code: 'EADDRINUSE', message: 'in use', address: ADDRESS };
const VITALS = {
  memory: 1,
  requests: 0,
  eventLoopDelay: 0,
  eventLoopDelayP99: 0,
  eventLoopUtilization: 0,
};

let clock: FakeClock;
let life: WorkerLife;
let ending: WorkerEnding;
let told: WorkerEventDetails[];
let steps: string[];
let reports: WorkerReports;

beforeEach(() => {
  clock = new FakeClock();
  life = new WorkerLife(clock);
  ending = new WorkerEnding(undefined);
  told = [];
  steps = [];
  const step = (name: string) => () => void steps.push(name);
  reports = new WorkerReports({
    life,
    ending,
    clock,
    limits: { booted: step('booted') },
    output: { hold: step('hold'), release: step('release') },
    tell: details => told.push(details),
    observer: {
      onVitals: step('vitals'),
      onRecovered: step('recovered'),
      onUnpromotable: step('unpromotable'),
      onWatch: step('watch'),
    },
  });
});

describe('WorkerReports', () => {
  it('shows the output of a boot that has succeeded, and its duration', async () => {
    await clock.advance(250);
    reports.receivers.ready({ type: 'ready' });
    reports.receivers.ready({ type: 'ready' });
    expect(steps).toEqual(['booted', 'release']);
    expect(told).toEqual([{ type: 'workerReady', bootTime: 250 }]);
  });

  it('reports a spare on standby, and that it is ready later', () => {
    reports.receivers.standby({ type: 'standby' });
    life.become('promoted');
    reports.receivers.ready({ type: 'ready' });
    expect(told.map(({ type }) => type)).toEqual(['workerStandby', 'workerReady']);
  });

  it('believes no worker that drains that it is ready', () => {
    life.become('draining');
    reports.receivers.ready({ type: 'ready' });
    reports.receivers.standby({ type: 'standby' });
    expect([told, steps]).toEqual([[], []]);
  });

  it('forgets the vitals of the boot', () => {
    reports.receivers.heartbeat({ type: 'heartbeat', vitals: VITALS });
    expect(reports.vitals).toEqual(VITALS);
    reports.receivers.ready({ type: 'ready' });
    expect(reports.vitals).toBeUndefined();
    expect(steps).toEqual(['vitals', 'booted', 'release']);
  });

  it('holds the output back once its boot has failed, unless it has been ready', () => {
    reports.receivers.bootFailed({ type: 'bootFailed', failure: FAILURE });
    expect([steps, ending.bootFailure]).toEqual([['hold'], FAILURE]);
    life.become('ready');
    reports.receivers.bootFailed({ type: 'bootFailed', failure: FAILURE });
    expect(steps).toEqual(['hold']);
  });

  it('forgets that failure when the application listens all the same', () => {
    reports.receivers.bootFailed({ type: 'bootFailed', failure: FAILURE });
    reports.receivers.listening({ type: 'listening', address: ADDRESS });
    expect(ending.bootFailure).toBeUndefined();
    expect(told).toEqual([{ type: 'workerListening', address: ADDRESS }]);
  });

  it('passes on that it cannot wait, that it has recovered, and that it watches', () => {
    reports.receivers.unpromotable({ type: 'unpromotable' });
    reports.receivers.recovered({ type: 'recovered' });
    reports.receivers.watch({ type: 'watch' });
    expect(steps).toEqual(['unpromotable', 'recovered', 'watch']);
  });
});
