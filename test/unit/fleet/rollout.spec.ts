import { beforeEach, describe, expect, it } from 'vitest';
import { FleetError } from '../../../src/fleet/primary/fleet.error.js';
import { Rollout } from '../../../src/fleet/primary/rollout.js';
import type { FleetAsk, OrderAnswer } from '../../../src/fleet/fleet.protocol.js';
import type {
  FleetHost,
  FleetReload,
  RolloutResult,
  RolloutStep,
  UnknownFleetHost,
} from '../../../src/model/fleet-status.interface.js';
import { FakeClock, settle } from '../../support/fakes/fake-clock.js';

type Host = { -readonly [Name in keyof FleetHost]: FleetHost[Name] };

/** Redis and the hosts, as the agent of the coordinator sees them. */
class FakeFleet {
  readonly clock = new FakeClock();
  readonly steps: RolloutStep[] = [];
  /** The hosts that have got an order, with its token. */
  readonly orders: [id: string, token: number][] = [];
  /** The rollout that each order names. */
  readonly rollouts = new Set<number | undefined>();
  readonly hosts = new Map<string, Host>();
  unknown: UnknownFleetHost[] = [];
  /** The token of the lock; `null` if another host has it. */
  token: number | null = 7;
  isHeld = false;
  isAway = false;
  /** How a host answers; otherwise it accepts, and its reload goes on. */
  answers: Partial<Record<string, OrderAnswer>> = {};

  constructor(...ids: readonly string[]) {
    ids.forEach(id => this.add(id));
    this.add('self', { isSelf: true });
  }

  add(id: string, facts: Partial<FleetHost> = {}): void {
    this.hosts.set(id, {
      id,
      name: id,
      pid: 1,
      isSelf: false,
      version: '1.0.0',
      release: '1',
      mode: 'cluster',
      health: 'healthy',
      generation: 0,
      wanted: 1,
      ready: 1,
      uptime: 1,
      ...facts,
    });
  }

  begin(maxUnavailable = 1): Promise<RolloutResult> {
    const rollout = new Rollout({
      self: 'self',
      ask: ask => this.#ask(ask),
      clock: this.clock,
      maxUnavailable,
      onProgress: step => this.steps.push(step),
    });
    return rollout.run();
  }

  /** The reload of a host ends. */
  async end(id: string, reload: Partial<FleetReload> = { state: 'done', generation: 1 }) {
    const host = this.hosts.get(id)!;
    host.reload = { ...host.reload!, ...reload };
    await this.clock.advance(500);
  }

  get reloading(): readonly string[] {
    return [...this.hosts.values()]
      .filter(({ reload }) => reload?.state === 'running')
      .map(({ id }) => id);
  }

  async #ask(ask: FleetAsk): Promise<unknown> {
    if (this.isAway) {
      throw new FleetError('failed', 'Redis is away');
    }
    switch (ask.name) {
      case 'fleet':
        return { namespace: 'shop', hosts: [...this.hosts.values()], unknown: this.unknown };
      case 'look':
        return ask.hosts.flatMap(id => this.hosts.get(id) ?? []);
      case 'lock':
        this.isHeld = this.token !== null;
        return this.token;
      case 'unlock':
        this.isHeld = false;
        return null;
      case 'order':
    }
    this.rollouts.add(ask.rollout);
    return this.#order(ask.host, ask.token);
  }

  #order(id: string, token: number): OrderAnswer {
    if (!this.isHeld || token !== this.token) {
      return 'lockLost';
    }
    const answer = this.answers[id];
    if (answer) {
      return answer;
    }
    this.orders.push([id, token]);
    this.hosts.get(id)!.reload = { token, state: 'running' };
    return 'accepted';
  }
}

const statesOf = ({ hosts }: RolloutResult) => hosts.map(({ host, state }) => [host.id, state]);

const failed = { state: 'failed', why: 'it failed to boot' } as const;

let fleet: FakeFleet;

beforeEach(() => {
  fleet = new FakeFleet('a', 'b');
});

describe('a reload of all hosts', () => {
  it('reloads one host after the other, and its own last', async () => {
    const result = fleet.begin();
    for (const id of ['a', 'b', 'self']) {
      await settle();
      expect(fleet.reloading).toEqual([id]);
      await fleet.end(id);
    }
    expect(statesOf(await result)).toEqual([
      ['a', 'reloaded'],
      ['b', 'reloaded'],
      ['self', 'reloaded'],
    ]);
    expect(fleet.isHeld).toBe(false);
    expect(fleet.steps.map(({ host, state }) => `${host.id} ${state}`)).toEqual([
      'a waiting',
      'b waiting',
      'self waiting',
      'a reloading',
      'a reloaded',
      'b reloading',
      'b reloaded',
      'self reloading',
      'self reloaded',
    ]);
  });

  it('reloads several at the same time when the first one has succeeded', async () => {
    fleet = new FakeFleet('a', 'b', 'c', 'd');
    const result = fleet.begin(2);
    await settle();
    expect(fleet.reloading).toEqual(['a']);
    await fleet.end('a');
    expect(fleet.reloading).toEqual(['b', 'c']);
    await fleet.end('c');
    expect(fleet.reloading).toEqual(['b', 'd']);
    await fleet.end('b', failed);
    expect(fleet.reloading).toEqual(['d']);
    await fleet.end('d');
    expect(statesOf(await result)).toEqual([
      ['a', 'reloaded'],
      ['b', 'failed'],
      ['c', 'reloaded'],
      ['d', 'reloaded'],
      ['self', 'waiting'],
    ]);
  });

  it('stops at the first failure, and says why', async () => {
    const result = fleet.begin();
    await settle();
    const worker = { slot: 0, pid: 5, reason: 'boot-failed', output: 'no database' } as const;
    await fleet.end('a', { ...failed, worker });
    expect(await result).toEqual({
      result: 'failed',
      hosts: [
        { host: { id: 'a', name: 'a', pid: 1 }, ...failed, worker },
        { host: { id: 'b', name: 'b', pid: 1 }, state: 'waiting' },
        { host: { id: 'self', name: 'self', pid: 1 }, state: 'waiting' },
      ],
    });
    expect(fleet.orders).toEqual([['a', 7]]);
  });

  it('goes on without a host that has no record any more', async () => {
    const result = fleet.begin();
    await settle();
    fleet.hosts.delete('a');
    await fleet.clock.advance(5_000);
    expect(fleet.orders).toEqual([['a', 7]]);
    await fleet.clock.advance(1_000);
    await fleet.end('b');
    await fleet.end('self');
    expect(statesOf(await result)[0]).toEqual(['a', 'lost']);
    expect((await result).result).toBe('done');
  });

  it('takes no host for lost if Redis has lost all records', async () => {
    const result = fleet.begin();
    await settle();
    const all = [...fleet.hosts];
    fleet.hosts.clear();
    await fleet.clock.advance(20_000);
    all.forEach(([id, host]) => fleet.hosts.set(id, host));
    for (const id of ['a', 'b', 'self']) {
      await fleet.end(id);
    }
    expect(statesOf(await result).map(([, state]) => state)).toEqual(Array(3).fill('reloaded'));
  });

  it('repeats an order that is not answered, up to 30 s', async () => {
    fleet.answers = { a: 'unanswered' };
    const result = fleet.begin();
    await settle();
    await fleet.clock.advance(29_000);
    expect(fleet.steps.at(-1)).toMatchObject({ host: { id: 'a' }, state: 'ordered' });
    await fleet.clock.advance(2_000);
    expect((await result).hosts[0]).toMatchObject({
      state: 'failed',
      why: expect.stringContaining('does not answer'),
    });
  });

  it('goes on without a host that stops, and skips those without workers', async () => {
    fleet.answers = { a: 'stopping' };
    fleet.hosts.get('b')!.mode = 'single';
    const result = fleet.begin();
    await settle();
    await fleet.end('self');
    expect(statesOf(await result)).toEqual([
      ['a', 'lost'],
      ['b', 'skipped'],
      ['self', 'reloaded'],
    ]);
  });

  it('orders healthy hosts first', async () => {
    fleet.hosts.get('a')!.health = 'degraded';
    void fleet.begin();
    await settle();
    expect(fleet.reloading).toEqual(['b']);
  });

  it('takes the lock again with a higher token if its agent was replaced', async () => {
    const result = fleet.begin();
    await settle();
    fleet.isHeld = false;
    fleet.token = 8;
    await fleet.end('a');
    await fleet.end('b');
    await fleet.end('self');
    expect((await result).result).toBe('done');
    expect(fleet.orders).toEqual([
      ['a', 7],
      ['b', 8],
      ['self', 8],
    ]);
    expect(fleet.rollouts).toEqual(new Set([7]));
  });

  it('waits until the lock of an agent that died expires', async () => {
    const result = fleet.begin();
    await settle();
    fleet.isHeld = false;
    fleet.token = null;
    await fleet.end('a');
    await fleet.clock.advance(10_000);
    fleet.token = 8;
    await fleet.clock.advance(1_000);
    await fleet.end('b');
    await fleet.end('self');
    expect((await result).result).toBe('done');
  });

  it('stops if another host has begun to reload all hosts', async () => {
    const result = fleet.begin().catch((error: unknown) => error);
    await settle();
    fleet.isHeld = false;
    fleet.token = null;
    await fleet.end('a');
    await fleet.clock.advance(12_000);
    expect(await result).toMatchObject({
      reason: 'busy',
      message: expect.stringContaining('stopped after 1 of 3 hosts'),
    });
  });

  it.each([
    ['answers an order of this one as stale', async () => void (fleet.answers = { b: 'stale' })],
    ['has ordered it to reload again', async () => {}],
  ])('fails if a host %s', async (_, refuse) => {
    const result = fleet.begin();
    await settle();
    await refuse();
    await fleet.end('a');
    if (fleet.reloading.includes('b')) {
      await fleet.end('b', { token: 9, state: 'running' });
    }
    expect((await result).hosts[1]).toMatchObject({
      state: 'failed',
      why: 'another reload of all hosts has begun since then',
    });
  });

  it('begins nothing if another one goes on, or a host has a record of another version', async () => {
    fleet.token = null;
    await expect(fleet.begin()).rejects.toMatchObject({ reason: 'busy' });
    fleet.token = 7;
    fleet.unknown = [{ id: 'x', name: 'web-9', pid: 4, version: '9.0.0' }];
    await expect(fleet.begin()).rejects.toThrow(/web-9 \(pid 4, nestjs-cluster 9.0.0\)/);
    expect(fleet.orders).toEqual([]);
  });

  it('waits for Redis for up to 60 s', async () => {
    const result = fleet.begin().catch((error: unknown) => error);
    await settle();
    fleet.isAway = true;
    await fleet.clock.advance(50_000);
    fleet.isAway = false;
    await fleet.end('a');
    expect(fleet.reloading).toEqual(['b']);
    fleet.isAway = true;
    await fleet.clock.advance(70_000);
    expect(await result).toMatchObject({ message: 'Redis is away' });
  });
});
