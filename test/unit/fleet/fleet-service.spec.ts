import { beforeEach, expect, it } from 'vitest';
import { FleetService } from '../../../src/fleet/primary/fleet-service.js';
import type { FleetToWorker, OrderAnswer } from '../../../src/fleet/fleet.protocol.js';
import type { HostFacts } from '../../../src/fleet/host-record.js';
import type { CommandOutcome } from '../../../src/ipc/supervision.protocol.js';
import type { ServiceClient } from '../../../src/ipc/primary-service.interface.js';
import type { ReloadResult } from '../../../src/model/host-status.interface.js';
import { deferred, type Deferred } from '../../../src/system/async/deferred.js';
import { FakeClock, settle } from '../../support/fakes/fake-clock.js';

class Client implements ServiceClient<FleetToWorker> {
  readonly state = 'ready';
  readonly got: FleetToWorker[] = [];

  constructor(readonly slot: number) {}

  async send(message: FleetToWorker): Promise<void> {
    this.got.push(message);
  }

  get types(): readonly string[] {
    return this.got.map(({ type }) => type);
  }
}

let clock: FakeClock;
let service: FleetService;
let reloads: Deferred<CommandOutcome<ReloadResult>>[];
let state: 'running' | 'stopping';
let clients: readonly Client[];

beforeEach(() => {
  clock = new FakeClock();
  reloads = [];
  state = 'running';
  service = new FleetService({
    mode: 'cluster',
    clock,
    reload: () => {
      const reload = deferred<CommandOutcome<ReloadResult>>();
      reloads.push(reload);
      return reload.promise;
    },
  });
  service.onStart({ status: () => ({ state }) as never, redelivered: () => 0 });
  clients = [new Client(0), new Client(1), new Client(2)];
  clients.forEach(client => service.onMessage(client, { type: 'fleetCandidate' }));
});

function order(token: number, rollout?: number): OrderAnswer {
  const answers: OrderAnswer[] = [];
  const answer = (value: OrderAnswer): unknown => answers.push(value);
  const params = { token, ...(rollout !== undefined && { rollout }) };
  service.onQuestion(clients[0]!, { name: 'fleetOrder', params, answer });
  return answers[0]!;
}

function facts(): HostFacts {
  const answers: HostFacts[] = [];
  const answer = (value: HostFacts): unknown => answers.push(value);
  service.onQuestion(clients[0]!, { name: 'fleetSelf', params: null, answer });
  return answers[0]!;
}

const asked = (client: Client): readonly string[] =>
  client.types.filter(type => type === 'fleetQuestion');

it('has one worker speak for the host, and the next one when it drains or exits', () => {
  const [first, second, third] = clients;
  expect(clients.map(({ types }) => types)).toEqual([['fleetDuty'], [], []]);
  service.onDraining(first!);
  expect(second!.types).toEqual(['fleetDuty']);
  service.onExited(first!);
  service.onExited(second!);
  expect(third!.types).toEqual(['fleetDuty']);
});

it('chooses another worker if the agent is silent', async () => {
  const [first, second] = clients;
  await clock.advance(7_000);
  service.onMessage(first!, { type: 'fleetBeat' });
  await clock.advance(7_000);
  expect(second!.types).toEqual([]);
  await clock.advance(8_000);
  expect(first!.types).toEqual(['fleetDuty', 'fleetRest']);
  expect(second!.types).toEqual(['fleetDuty']);
});

it('asks the next agent if the first one is blocked', async () => {
  const [first, second] = clients;
  const answer = service.ask({ name: 'unlock' }, 30_000);
  expect(asked(first!)).toHaveLength(1);
  await clock.advance(15_000);
  await clock.advance(200);
  expect(asked(second!)).toHaveLength(1);
  const { id } = second!.got.find(({ type }) => type === 'fleetQuestion') as { id: number };
  service.onMessage(second!, {
    type: 'fleetAnswered',
    id,
    answer: { type: 'value', value: 7 },
  });
  expect(await answer).toMatchObject({ value: 7 });
});

it('reloads when it is told to, and shows how it ends', async () => {
  expect(facts()).toMatchObject({ id: service.id, mode: 'cluster' });
  expect(order(5)).toBe('accepted');
  expect(facts().reload).toEqual({ token: 5, state: 'running' });
  expect(clients[0]!.got.at(-1)).toEqual({ type: 'fleetDuty', facts: facts() });
  // The answer was lost, and the order comes again.
  expect(order(5)).toBe('accepted');
  expect(reloads).toHaveLength(1);
  reloads[0]!.resolve({ type: 'done', value: { generation: 3, duration: 9 } });
  await settle();
  expect(facts().reload).toEqual({ token: 5, state: 'done', generation: 3, duration: 9 });
});

it.each(['done', 'running'] as const)(
  'does not reload again if its coordinator has lost the lock and the answer, and the reload is %s',
  async reached => {
    const end = async (): Promise<void> => {
      reloads[0]!.resolve({ type: 'done', value: { generation: 3, duration: 9 } });
      await settle();
    };
    expect(order(5, 5)).toBe('accepted');
    if (reached === 'done') {
      await end();
    }
    expect(order(7, 5)).toBe('accepted');
    expect(facts().reload).toMatchObject({ token: 7, state: reached });
    await end();
    expect(facts().reload).toEqual({ token: 7, state: 'done', generation: 3, duration: 9 });
    expect(order(5, 5)).toBe('stale');
    expect(reloads).toHaveLength(1);
    expect(order(9, 9)).toBe('accepted');
    expect(reloads).toHaveLength(2);
  },
);

it('refuses orders of a coordinator that has lost the lock', async () => {
  expect(order(5)).toBe('accepted');
  expect(order(4)).toBe('stale');
  expect(order(6)).toBe('accepted');
  expect(reloads).toHaveLength(2);
  // The end of a former reload is not that of the present one.
  reloads[0]!.resolve({ type: 'done', value: { generation: 3, duration: 9 } });
  await settle();
  expect(facts().reload).toEqual({ token: 6, state: 'running' });
});

it('refuses orders while it stops', () => {
  state = 'stopping';
  expect(order(5)).toBe('stopping');
  expect(reloads).toHaveLength(0);
});

it.each([
  [{ type: 'stopping' }, { why: 'the host stops' }],
  [{ type: 'broken', why: 'Error: oops' }, { why: 'Error: oops' }],
  [
    {
      type: 'failed',
      failure: {
        generation: 3,
        why: 'Worker 0 failed to boot',
        worker: { slot: 0, pid: 5, reason: 'boot-failed', output: `${'x'.repeat(8_000)}end` },
      },
    },
    {
      why: 'Worker 0 failed to boot',
      worker: { slot: 0, pid: 5, reason: 'boot-failed', output: `${'x'.repeat(1_997)}end` },
    },
  ],
] as const)('shows the failure %j', async (outcome, shown) => {
  order(5);
  reloads[0]!.resolve(outcome);
  await settle();
  expect(facts().reload).toEqual({ token: 5, state: 'failed', ...shown });
});

it('asks the next agent if one ends before its answer, and none for ever', async () => {
  const answer = service.ask({ name: 'lock' }, 10_000);
  const [first, second] = clients;
  expect(first!.got.at(-1)).toMatchObject({ type: 'fleetQuestion', ask: { name: 'lock' } });
  service.onExited(first!);
  await settle();
  await clock.advance(100);
  const question = second!.got.at(-1) as Extract<FleetToWorker, { type: 'fleetQuestion' }>;
  const value = { type: 'value', value: 7 } as const;
  service.onMessage(second!, { type: 'fleetAnswered', id: question.id, answer: value });
  expect(await answer).toBe(value);
  clients.forEach(client => service.onExited(client));
  const none = service.ask({ name: 'lock' }, 10_000);
  await clock.advance(10_100);
  expect(await none).toBeUndefined();
  expect(clock.pending).toBe(0);
});
