import { expect, it } from 'vitest';
import { WorkerInterview } from '../../../../src/control/primary/worker-interview.js';
import type { ControlQuestion } from '../../../../src/control/control.protocol.js';
import type { ServiceClient } from '../../../../src/ipc/primary-service.interface.js';
import type { WorkerState } from '../../../../src/model/host-status.interface.js';
import { FakeClock } from '../../../support/fakes/fake-clock.js';

const VALUE = { type: 'value', value: 1 } as const;

class Client implements ServiceClient<ControlQuestion> {
  readonly slot = 0;
  readonly asked: ControlQuestion[] = [];

  constructor(public state: WorkerState = 'ready') {}

  async send(message: ControlQuestion): Promise<void> {
    this.asked.push(message);
  }
}

function interview(...clients: Client[]) {
  const clock = new FakeClock();
  const service = new WorkerInterview(clock);
  clients.forEach(client => service.onReady(client));
  return { clock, service };
}

it('asks a ready worker, and tells its answers apart', async () => {
  const client = new Client();
  const { service } = interview(new Client('draining'), client);
  const [jobs, doctor] = [service.ask('jobs'), service.ask('doctor')];
  expect(client.asked.map(({ topic }) => topic)).toEqual(['jobs', 'doctor']);
  const [first, second] = client.asked;
  service.onMessage(client, { type: 'controlAnswered', id: second!.id, answer: VALUE });
  service.onMessage(client, { type: 'controlAnswered', id: 99, answer: VALUE });
  expect(await doctor).toBe(VALUE);
  const unused = { type: 'unused' } as const;
  service.onMessage(client, { type: 'controlAnswered', id: first!.id, answer: unused });
  expect(await jobs).toBe(unused);
});

it('asks another worker if one does not answer, up to three', async () => {
  const clients = [new Client(), new Client(), new Client(), new Client()];
  const { clock, service } = interview(...clients);
  const answer = service.ask('jobs');
  for (let round = 0; round < 3; round++) {
    await clock.advance(3_000);
  }
  expect(await answer).toBeUndefined();
  expect(clients.map(({ asked }) => asked.length)).toEqual([1, 1, 1, 0]);
});

it('asks no worker that has exited', async () => {
  const client = new Client();
  const { service } = interview(client);
  service.onExited(client);
  expect(await service.ask('jobs')).toBeUndefined();
  expect(client.asked).toEqual([]);
});
