import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StateInputError } from '../../../../src/index.js';
import { StateClient } from '../../../../src/state/client/state-client.js';
import { Elections } from '../../../../src/state/objects/elections.js';
import type { Leader } from '../../../../src/state/objects/leader.js';
import { Locks } from '../../../../src/state/objects/locks.js';
import { settle } from '../../../support/fakes/fake-clock.js';
import { MemoryExecutor } from '../../../support/fakes/memory-executor.js';

let client: StateClient;
let drain: AbortController;
let elections: Elections;

beforeEach(() => {
  client = new StateClient(new MemoryExecutor(), 1_000, 0);
  drain = new AbortController();
  elections = new Elections(new Locks(client, () => Promise.resolve()), drain.signal, {
    error: () => {},
  });
});

afterEach(async () => {
  await elections.close();
  await client.close();
});

async function elected(leader: Leader): Promise<void> {
  await new Promise(resolve => leader.onElected(resolve));
}

async function deposed(leader: Leader): Promise<void> {
  await new Promise<void>(resolve => leader.onDeposed(resolve));
}

describe('an election that a worker has joined', () => {
  it('has one candidate, with the lease of the first call', async () => {
    const leader = elections.join('report', { lease: 500 });
    await settle();
    expect(leader.isLeader).toBe(true);
    expect(elections.join('report', {})).toBe(leader);
    expect(elections.join('report', { lease: 500 })).toBe(leader);
    expect(leader.lease).toBe(500);
    expect(elections.join('other', {}).lease).toBe(10_000);
  });

  it('is not joined with another lease, an invalid one, or an invalid name', () => {
    elections.join('report', { lease: 500 });
    expect(() => elections.join('report', { lease: 600 })).toThrow(
      'The leader "report" already has a lease of 500 ms, not 600 ms.',
    );
    expect(() => elections.join('report', { lease: 1 })).toThrow(StateInputError);
    expect(() => elections.join('', {})).toThrow(StateInputError);
  });

  it('is left when the worker drains', async () => {
    const leader = elections.join('report', {});
    await elected(leader);
    const isOver = deposed(leader);
    drain.abort();
    await isOver;
    leader.stand();
    expect(leader.isLeader).toBe(false);
  });

  it('is left when the application closes, so that others can be elected at once', async () => {
    const leader = elections.join('report', {});
    await elected(leader);
    await elections.close();
    expect(leader.isLeader).toBe(false);
    const others = new Elections(
      new Locks(client, () => Promise.resolve()),
      new AbortController().signal,
      { error: () => {} },
    );
    await elected(others.join('report', {}));
    await others.close();
  });

  it.each<[string, () => Promise<void>]>([
    ['drains', () => Promise.resolve(drain.abort())],
    ['has closed', () => elections.close()],
  ])('has no candidate in a worker that %s', async (_, end) => {
    await end();
    const leader = elections.join('report', {});
    leader.stand();
    await settle();
    expect(leader.isLeader).toBe(false);
  });
});
