import { beforeEach, describe, expect, it } from 'vitest';
import { resolveOptions } from '../../../../src/config/resolve-options.js';
import { primaryEnd } from '../../../../src/ipc/protocol.js';
import { supervisionProtocol } from '../../../../src/ipc/supervision.protocol.js';
import type { WorkerIdentity } from '../../../../src/model/host-status.interface.js';
import { Generation } from '../../../../src/supervisor/workers/generation.js';
import {
  WorkerForks,
  type WorkerForksDependencies,
} from '../../../../src/supervisor/workers/worker-forks.js';
import { FakeClock, settle } from '../../../support/fakes/fake-clock.js';
import { FakeOutputs } from '../../../support/fakes/fake-outputs.js';
import { FakeWorkerProcess } from '../../../support/fakes/fake-worker-process.js';

const OPTIONS = resolveOptions({}, { CLUSTER_WORKERS: '2' });

let clock: FakeClock;
let forked: FakeWorkerProcess[];
let generation: Generation;
let outputs: FakeOutputs;
let events: string[];

beforeEach(() => {
  clock = new FakeClock();
  forked = [];
  generation = new Generation();
  outputs = new FakeOutputs();
  events = [];
});

function forksWith(deps: Partial<WorkerForksDependencies> = {}): WorkerForks {
  return new WorkerForks({
    options: OPTIONS,
    fork: place => {
      forked.push(new FakeWorkerProcess(place));
      return forked.at(-1)!;
    },
    clock,
    inspected: false,
    outputs,
    generation,
    observe: () =>
      ({
        onEvent: ({ type }: { type: string }) => events.push(type),
        onSilent: () => events.push('silent'),
      }) as never,
    protocol: primaryEnd([supervisionProtocol]),
    ...deps,
  });
}

const quiet = (): boolean[] => forked.map(({ place }) => place.isQuiet);

describe('WorkerForks', () => {
  it('forks workers of the current generation', () => {
    const forks = forksWith();
    forks.fork(0, false);
    generation.current = 3;
    expect(forks.fork(-1, true).identify()).toMatchObject({ slot: -1, generation: 3 });
    expect(forked.map(({ place }) => place)).toEqual([
      { slot: 0, generation: 0, standsBy: false, isQuiet: false },
      { slot: -1, generation: 3, standsBy: true, isQuiet: true },
    ]);
  });

  it('lets one worker log its boot, and another one if that has failed', async () => {
    const forks = forksWith();
    forks.fork(0, false);
    forks.fork(1, false);
    expect(quiet()).toEqual([false, true]);
    forked[0]!.exit(1);
    await settle();
    forks.fork(0, false);
    forks.fork(1, false);
    expect(quiet()).toEqual([false, true, false, true]);
  });

  it('sets no time limits while somebody may step through the code', async () => {
    const forks = forksWith({ inspected: true });
    forks.fork(0, false);
    await clock.advance(600_000);
    await forked[0]!.becomeReady();
    await clock.advance(600_000);
    expect([events, forked[0]!.signals]).toEqual([['workerForked', 'workerReady'], []]);
  });

  it('passes the errors of workers to the logger if that writes records', async () => {
    const logged: [WorkerIdentity, string][] = [];
    const worker = forksWith({ logText: (...record) => logged.push(record) }).fork(0, false);
    await forked[0]!.becomeReady();
    await settle();
    forked[0]!.stderr.write('Error: failed\n');
    await clock.advance(1_000);
    expect(logged).toEqual([[worker.identify(), expect.stringContaining('Error: failed')]]);
    expect(outputs.logs.stderr.text).toBe('');
  });
});
