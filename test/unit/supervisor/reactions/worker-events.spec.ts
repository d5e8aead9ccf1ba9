import { beforeEach, describe, expect, it } from 'vitest';
import type { WorkerEventDetails } from '../../../../src/model/events/cluster-event.interface.js';
import { WorkerEvents } from '../../../../src/supervisor/reactions/worker-events.js';
import { FakeWorkerHandle } from '../../../support/fakes/fake-worker-handle.js';

let worker: FakeWorkerHandle;
let name: string;
let logged: string[];
let calls: unknown[][];
let isStopping: boolean;
let isHopeless: boolean;
let events: WorkerEvents;

const note =
  (what: string) =>
  (...args: unknown[]): void =>
    void calls.push([what, ...args]);

function log(text: string): void {
  logged.push(text);
}

beforeEach(() => {
  worker = new FakeWorkerHandle(1);
  name = `Worker 1 (generation 0, pid ${worker.pid})`;
  logged = [];
  calls = [];
  isStopping = false;
  isHopeless = false;
  events = new WorkerEvents({
    boots: { onReady: note('boots.onReady'), isHopelessFor: () => isHopeless } as never,
    events: { publish: note('publish') } as never,
    exits: { onExit: note('exits') } as never,
    logger: { log, warn: log },
    services: {
      onReady: note('services.onReady'),
      onDraining: note('services.onDraining'),
    } as never,
    shutdown: {
      get isUnderWay() {
        return isStopping;
      },
    } as never,
    slotRestarts: { succeed: note('succeed') } as never,
    spares: { onStandby: note('spares.onStandby') } as never,
    workforce: { changed: note('changed') } as never,
  });
});

/** Reports an event, and returns what was called between its publication and the change of the workforce. */
function report(details: WorkerEventDetails): unknown[][] {
  const event = { ...details, ...worker.identify(), at: 1 };
  calls.length = 0;
  events.onEvent(worker.handle, event);
  expect([calls.at(0), calls.at(-1)]).toEqual([['publish', event], ['changed']]);
  return calls.slice(1, -1);
}

describe('WorkerEvents', () => {
  it('logs where a ready worker listens, and tells the services', () => {
    worker.addresses = [
      { address: null, port: 3000 },
      { address: '::1', port: 3001 },
      { address: '/run/app.sock', port: null },
    ];
    expect(report({ type: 'workerReady', bootTime: 1_234 })).toEqual([
      ['boots.onReady', worker],
      ['services.onReady', worker],
    ]);
    expect(logged).toEqual([`${name} is ready after 1.2 s on *:3000, [::1]:3001, /run/app.sock`]);
  });

  it('logs a spare on standby', () => {
    worker.slot = -1;
    expect(report({ type: 'workerStandby', bootTime: 50 })).toEqual([['spares.onStandby', worker]]);
    expect(logged).toEqual([
      `Spare (generation 0, pid ${worker.pid}) booted in 50 ms and is on standby`,
    ]);
  });

  it.each([
    ['signal', true, 'it received a signal'],
    ['close', false, 'the application closed itself'],
  ] as const)(
    'gives the slot of a worker that drains away, because of %s',
    (cause, wanted, why) => {
      expect(report({ type: 'workerDraining', cause })).toEqual([
        ['services.onDraining', worker],
        ['succeed', worker, wanted],
      ]);
      expect(logged).toEqual([`${name} is draining: ${why}`]);
    },
  );

  it('logs no drain during a stop', () => {
    isStopping = true;
    report({ type: 'workerDraining', cause: 'stop' });
    expect(logged).toEqual([]);
  });

  it('gives the slot to nobody if the application closes itself because it cannot start', () => {
    isHopeless = true;
    expect(report({ type: 'workerDraining', cause: 'close' })).toEqual([
      ['services.onDraining', worker],
    ]);
  });

  it('passes exits on', () => {
    const event = worker.ends('crashed');
    events.onEvent(worker.handle, event);
    expect(calls).toContainEqual(['exits', worker, event]);
  });

  it('logs a pause of the output of a second or more', () => {
    report({ type: 'workerOutputResumed', stream: 'stdout', duration: 999 });
    expect(logged).toEqual([]);
    report({ type: 'workerOutputResumed', stream: 'stdout', duration: 1_000 });
    expect(logged).toEqual([
      expect.stringContaining(`The stdout of ${name} was not read for 1.0 s`),
    ]);
  });

  it.each<WorkerEventDetails>([
    { type: 'workerForked' },
    { type: 'workerOnline' },
    { type: 'workerDisconnected' },
    { type: 'workerListening', address: { address: null, port: 3000 } },
    { type: 'workerOutputPaused', stream: 'stderr' },
  ])('only publishes $type', details => {
    expect([report(details), logged]).toEqual([[], []]);
  });
});
