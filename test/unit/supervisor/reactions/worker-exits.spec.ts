import { beforeEach, describe, expect, it } from 'vitest';
import type { WorkerExitedEvent } from '../../../../src/model/events/cluster-event.interface.js';
import { WorkerExits } from '../../../../src/supervisor/reactions/worker-exits.js';
import { FakeWorkerHandle } from '../../../support/fakes/fake-worker-handle.js';
import { FakeWorkforce } from '../../../support/fakes/fake-workforce.js';

let fakes: FakeWorkforce;
let worker: FakeWorkerHandle;
let logged: string[];
let calls: unknown[][];
let isPostponed: boolean;
let givesUp: boolean;
let isHopeless: boolean;
let isStopping: boolean;
let exits: WorkerExits;

const note =
  (name: string, result?: unknown) =>
  (...args: unknown[]): unknown => {
    calls.push([name, ...args.filter(arg => typeof arg !== 'function')]);
    return result;
  };

const level =
  (name: string) =>
  (text: string): void =>
    void logged.push(`${name}: ${text}`);

beforeEach(() => {
  fakes = new FakeWorkforce(2);
  worker = fakes.forked[1]!;
  logged = [];
  calls = [];
  isPostponed = false;
  givesUp = false;
  isHopeless = false;
  isStopping = false;
  exits = new WorkerExits({
    workforce: fakes.workforce,
    boots: {
      postpones: (_: unknown, reason: unknown, handle: () => void) => {
        calls.push(['postpones', reason]);
        postponed = handle;
        return isPostponed;
      },
      noteExit: (_: unknown, reason: unknown, wasAwaited: boolean) => {
        calls.push(['noteExit', reason, wasAwaited]);
        return givesUp;
      },
      giveUp: note('giveUp'),
      get isHopeless() {
        return isHopeless;
      },
    } as never,
    events: { unwatch: note('unwatch') } as never,
    logger: { log: level('log'), warn: level('warn'), error: level('error') },
    reloads: { onExit: note('reload') } as never,
    services: { onExited: note('services') } as never,
    shutdown: {
      noteExit: note('shutdown'),
      get isUnderWay() {
        return isStopping;
      },
    } as never,
    slotRestarts: { replace: note('replace', 250) } as never,
    spares: { onExit: note('spares') } as never,
  });
});

let postponed: () => void;

const exit = (event: WorkerExitedEvent, of = worker): void => exits.onExit(of.handle, event);

const called = (name: string): unknown[][] => calls.filter(([first]) => first === name);

/** Reports the exit of a worker that has ended by itself. */
function closesItself(): void {
  const next = new FakeWorkerHandle(0);
  next.ending.isItsOwn = true;
  exit(next.ends('left'), next);
}

describe('WorkerExits', () => {
  it('tells everybody, and gives the slot the next worker', () => {
    worker.ending.error = 'Error: bug';
    exit(worker.ends('crashed', { code: 7 }));
    expect(calls).toEqual([
      ['unwatch', worker],
      ['services', worker],
      ['reload', worker],
      ['shutdown', 'crashed'],
      ['postpones', 'crashed'],
      ['noteExit', 'crashed', false],
      ['replace', expect.objectContaining({ index: 1 }), worker],
    ]);
    expect(logged).toEqual([
      `error: Worker 1 (generation 0, pid ${worker.pid}) crashed: it exited with code 7 after 1.0 s. Its replacement starts in 250 ms`,
    ]);
    expect(fakes.workforce.status()[1]).toMatchObject({
      state: 'exited',
      lastExit: { reason: 'crashed', code: 7, error: 'Error: bug' },
    });
  });

  it.each([
    ['left', 'log'],
    ['drain-timeout', 'warn'],
    ['killed', 'warn'],
    ['boot-failed', 'error'],
    ['boot-timeout', 'error'],
    ['hung', 'error'],
  ] as const)('logs %s as %s', (reason, expected) => {
    exit(worker.ends(reason));
    expect(logged.map(text => text.split(':')[0])).toEqual([expected]);
  });

  it('does not take what a worker wrote that left for an error', () => {
    worker.ending.error = 'Error: handled';
    exit(worker.ends('left'));
    expect(fakes.workforce.status()[1]!.lastExit).not.toHaveProperty('error');
  });

  it('leaves the slot to its holder if a successor exits, whose command reports it', () => {
    const successor = fakes.fork(1);
    fakes.workforce.slots[1]!.successor = successor.handle;
    exit(successor.ends('boot-failed'), successor);
    expect([called('noteExit'), called('replace')]).toEqual([
      [['noteExit', 'boot-failed', true]],
      [],
    ]);
    expect(fakes.workforce.slots[1]!.workers).toEqual([worker]);
  });

  it('replaces no worker whose slot was given away before', () => {
    fakes.workforce.slots[1]!.vacate(worker.handle);
    exit(worker.ends('left'));
    expect(called('replace')).toEqual([]);
  });

  it('removes a spare, and has another one started', () => {
    const spare = new FakeWorkerHandle(-1);
    fakes.workforce.addSpare(spare.handle);
    exit(spare.ends('crashed'), spare);
    expect([fakes.workforce.spares, called('spares'), called('replace')]).toEqual([
      [],
      [['spares', 'crashed']],
      [],
    ]);
  });

  it('handles a postponed exit later', () => {
    isPostponed = true;
    exit(worker.ends('boot-failed'));
    expect([logged, called('replace')]).toEqual([[], []]);
    postponed();
    expect([logged.length, called('replace').length]).toEqual([1, 1]);
  });

  it('gives up instead of starting another worker', () => {
    givesUp = true;
    worker.ending.error = 'Error: no database';
    exit(worker.ends('boot-failed'));
    expect([called('replace'), called('giveUp')]).toEqual([[], [['giveUp', 'Error: no database']]]);
  });

  it('logs no exits of a host that ends because no worker can boot', () => {
    isHopeless = true;
    exit(worker.ends('killed'));
    expect(logged).toEqual([]);
  });

  it('warns once of an application that closes itself again and again, but not during a stop', () => {
    closesItself();
    closesItself();
    isStopping = true;
    closesItself();
    isStopping = false;
    expect(logged.filter(text => text.startsWith('warn'))).toEqual([]);
    closesItself();
    closesItself();
    expect(logged.filter(text => text.startsWith('warn'))).toEqual([
      expect.stringMatching(/^warn: The application ended by itself, without an error/),
    ]);
  });
});
