import { beforeEach, describe, expect, it } from 'vitest';
import type { BootFailure } from '../../../../src/ipc/supervision.protocol.js';
import { BootSupervision } from '../../../../src/supervisor/reactions/boot-supervision.js';
import { FakeWorkerHandle } from '../../../support/fakes/fake-worker-handle.js';

const PORT_IN_USE: BootFailure = {
  code: 'EADDRINUSE',
  message: 'listen EADDRINUSE: address already in use :::3000',
  address: { address: null, port: 3000 },
};
const NO_PROVIDER: BootFailure = {
  code: 'UnknownDependenciesException',
  message: "Nest can't resolve dependencies of the CatService (?).",
};

let shutdown: { isUnderWay: boolean; giveUp: (why: string) => void };
let workforce: { readyCount: number };
let fatal: string[];
let handled: FakeWorkerHandle[];
let boots: BootSupervision;
let one: FakeWorkerHandle;
let other: FakeWorkerHandle;

function booting(slot: number): FakeWorkerHandle {
  const worker = new FakeWorkerHandle(slot);
  worker.state = 'booting';
  return worker;
}

beforeEach(() => {
  fatal = [];
  handled = [];
  shutdown = {
    isUnderWay: false,
    giveUp(why) {
      this.isUnderWay = true;
      fatal.push(why);
    },
  };
  workforce = { readyCount: 0 };
  boots = new BootSupervision({ workforce, shutdown, giveUpAfter: 3 });
  [one, other] = [booting(0), booting(1)];
  boots.begin([one.handle, other.handle]);
});

/** Reports that a worker has exited, and returns whether the handling of it is postponed. */
function fails(worker: FakeWorkerHandle, failure?: BootFailure): boolean {
  worker.ending.bootFailure = failure;
  const { reason } = worker.ends('boot-failed');
  return boots.postpones(worker.handle, reason, () => handled.push(worker));
}

describe('BootSupervision, of a failure that no further boot can fix', () => {
  it('waits while another worker may become ready, and then ends the host in one line', () => {
    expect(fails(one, PORT_IN_USE)).toBe(true);
    expect([fatal, boots.isHopeless]).toEqual([[], false]);
    expect(fails(other, PORT_IN_USE)).toBe(true);
    expect(fatal).toEqual([expect.stringMatching(/^Port 3000 is in use .*: the host exits$/)]);
    expect([boots.isHopeless, handled]).toEqual([true, []]);
    expect([one.printed, other.printed]).toEqual([
      ['dropped', 'filtered'],
      ['dropped', 'filtered'],
    ]);
  });

  it('ends the host also when the last worker fails for another reason', () => {
    fails(one, PORT_IN_USE);
    expect(fails(other)).toBe(true);
    expect(fatal).toHaveLength(1);
  });

  it('prints the stack once if the reason is in the code', () => {
    fails(one, NO_PROVIDER);
    fails(other, NO_PROVIDER);
    expect(fatal).toEqual([
      expect.stringMatching(/^The application cannot start \(dependency injection\): /),
    ]);
    expect([one.printed, other.printed]).toEqual([['released'], ['dropped', 'filtered']]);
  });

  it('goes on as soon as a worker is ready, and handles the failure then', () => {
    fails(one, PORT_IN_USE);
    other.state = 'ready';
    boots.onReady(other.handle);
    expect(handled).toEqual([one]);
    expect(fails(booting(0), PORT_IN_USE)).toBe(false);
    expect([fatal, boots.isHopelessFor(one.handle)]).toEqual([[], false]);
  });

  it('handles the failure when the host stops meanwhile', () => {
    fails(one, PORT_IN_USE);
    shutdown.isUnderWay = true;
    boots.resume();
    boots.resume();
    expect(handled).toEqual([one]);
    expect(fails(other, PORT_IN_USE)).toBe(false);
  });

  it.each(['left', 'killed', 'boot-timeout'] as const)(
    'does not count for a worker that was %s',
    reason => {
      one.ending.bootFailure = PORT_IN_USE;
      one.ends(reason);
      expect(boots.postpones(one.handle, reason, () => {})).toBe(false);
      expect(fails(other)).toBe(false);
      expect(fatal).toEqual([]);
    },
  );

  it('is known before the worker exits', () => {
    one.ending.bootFailure = PORT_IN_USE;
    expect(boots.isHopelessFor(one.handle)).toBe(true);
    expect(boots.isHopelessFor(other.handle)).toBe(false);
  });
});

/** Notes the exit of a worker that wrote `said`, and returns whether the host gives up. */
function exits(worker: FakeWorkerHandle, said: string): boolean {
  worker.output.tail = said;
  const { reason } = worker.ends('boot-failed');
  return boots.noteExit(worker.handle, reason, false);
}

describe('BootSupervision, of boots that keep failing', () => {
  it('prints the same output once, and gives up after as many failures of one slot', () => {
    exits(other, 'Error: no database\n');
    const attempts = [one, booting(0), booting(0)];
    expect(attempts.map(worker => exits(worker, 'Error: no database\n'))).toEqual([
      false,
      false,
      true,
    ]);
    expect(other.printed).toEqual(['released']);
    expect(attempts.flatMap(({ printed }) => printed)).toEqual(['dropped', 'dropped', 'dropped']);
    boots.giveUp('no database');
    expect(fatal).toEqual([
      'Gave up after 3 failed boots in a row with no worker ready. Last error: no database',
    ]);
  });

  it.each([
    ['another of the first workers may become ready', () => {}],
    ['a worker serves', () => ((workforce.readyCount = 1), other.ends('killed'))],
    ['the host stops', () => ((shutdown.isUnderWay = true), other.ends('killed'))],
  ])('does not give up while %s', (_, prepare) => {
    prepare();
    expect([one, booting(0), booting(0)].map(worker => exits(worker, 'failed'))).not.toContain(
      true,
    );
  });

  it('counts again from the start when a worker was ready', () => {
    other.ends('killed');
    exits(one, 'failed');
    exits(booting(0), 'failed');
    boots.onReady(new FakeWorkerHandle(0).handle);
    const next = booting(0);
    expect(exits(next, 'failed')).toBe(false);
    expect(next.printed).toEqual(['released']);
  });

  it('prints what a replacement wrote, because its command reports the outcome', () => {
    one.ends('boot-failed');
    expect(boots.noteExit(one.handle, 'boot-failed', true)).toBe(false);
    expect(one.printed).toEqual(['released']);
  });

  it('prints nothing more of a worker that was ready', () => {
    one.readyFor = 5_000;
    one.ends('crashed');
    boots.noteExit(one.handle, 'crashed', false);
    expect(one.printed).toEqual([]);
  });
});
