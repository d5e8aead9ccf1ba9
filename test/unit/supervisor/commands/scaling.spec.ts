import { beforeEach, describe, expect, it } from 'vitest';
import { HostStoppingError } from '../../../../src/model/errors/host-stopping.error.js';
import { CommandQueue } from '../../../../src/supervisor/commands/command-queue.js';
import { Scaling } from '../../../../src/supervisor/commands/scaling.js';
import { WorkerFailedError } from '../../../../src/supervisor/commands/worker-failed.error.js';
import { settle } from '../../../support/fakes/fake-clock.js';
import { FakeWorkforce } from '../../../support/fakes/fake-workforce.js';

let fakes: FakeWorkforce;
let commands: CommandQueue;
let logged: string[];
let closed: number[];
let scaling: Scaling;
let outcome: unknown;

function log(text: string): void {
  logged.push(text);
}

beforeEach(() => {
  fakes = new FakeWorkforce(2);
  commands = new CommandQueue();
  logged = [];
  closed = [];
  outcome = 'pending';
  const { workforce, dismiss } = fakes;
  scaling = new Scaling({
    commands,
    workforce,
    logger: { log, error: log },
    fill: slot => workforce.fill(slot),
    dismiss,
    onSlotClosed: slot => closed.push(slot),
  });
});

async function scale(wanted: (now: number) => number): Promise<void> {
  scaling.to(wanted).then(
    count => (outcome = count),
    (error: unknown) => (outcome = error),
  );
  await settle();
}

const added = (): FakeWorkforce['forked'] => fakes.forked.slice(2);

describe('Scaling', () => {
  it('adds workers above the others, and resolves when all are ready', async () => {
    await scale(now => now + 2);
    expect(added().map(({ slot }) => slot)).toEqual([2, 3]);
    await fakes.ready(added()[0]!);
    expect(outcome).toBe('pending');
    await fakes.ready(added()[1]!);
    expect([outcome, logged]).toEqual([4, ['Scaling from 2 to 4 workers']]);
  });

  it('removes workers from the top, and resolves before they drain', async () => {
    await scale(() => 1);
    expect([outcome, logged]).toEqual([1, ['Scaling from 2 to 1 worker']]);
    expect(fakes.forked.map(({ orders }) => orders)).toEqual([[], ['drain reload']]);
    expect(closed).toEqual([]);
    await fakes.end(fakes.forked[1]!);
    expect(closed).toEqual([1]);
  });

  it('tells no worker to drain that drains already', async () => {
    fakes.forked[1]!.state = 'draining';
    await scale(() => 1);
    expect(fakes.forked[1]!.orders).toEqual([]);
  });

  it('changes nothing if there are as many already', async () => {
    await scale(now => now);
    expect([outcome, logged, fakes.forked.length]).toEqual([2, [], 2]);
  });

  it('takes all new workers back if one of them fails', async () => {
    await scale(() => 4);
    await fakes.ready(added()[0]!);
    added()[1]!.ending.error = 'Error: no database';
    await fakes.end(added()[1]!, 'boot-failed');
    expect(added()[0]!.orders).toEqual(['drain reload']);
    expect(outcome).toBe('pending');
    await fakes.end(added()[0]!);
    expect(outcome).toBeInstanceOf(WorkerFailedError);
    expect(logged.at(-1)).toMatch(
      /^Scaling to 4 workers failed; still running 2\. Cause: .*Error: no database/,
    );
    expect([fakes.workforce.slots.length, closed]).toEqual([2, [2, 3]]);
  });

  it('goes on with the next worker of the slot if a new one gets a signal', async () => {
    await scale(() => 3);
    added()[0]!.ending.leftOnSignal = true;
    await fakes.end(added()[0]!);
    expect(outcome).toBe('pending');
    fakes.workforce.fill(fakes.workforce.slots[2]!);
    await fakes.ready(added()[1]!);
    expect(outcome).toBe(3);
  });

  it('waits for its turn, and then asks how many workers there are', async () => {
    await scale(() => 3);
    const first = outcome;
    await scale(now => now + 1);
    expect([first, added()]).toEqual(['pending', [expect.objectContaining({ slot: 2 })]]);
    await fakes.ready(added()[0]!);
    await fakes.ready(added()[1]!);
    expect([outcome, fakes.workforce.slots.length]).toEqual([4, 4]);
  });

  it('is rejected when the host stops', async () => {
    await scale(() => 3);
    await commands.preempt(async () => {});
    await settle();
    expect(outcome).toBeInstanceOf(HostStoppingError);
  });
});
