import { Agent, get } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { HostStatus } from '../../src/model/host-status.interface.js';
import { Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';

/** The maximum number of open files of each process. */
const OPEN_FILES = 256;

/** The milliseconds within which a request must be answered. */
const TIMEOUT = 10_000;

const REQUESTS = Array.from({ length: 20 }, (_, index) => index);

const agents: Agent[] = [];

afterEach(async () => {
  agents.splice(0).forEach(agent => agent.destroy());
  await Application.endAll();
});

function start(): Promise<Application> {
  return Application.ready('faults/descriptors', {
    node: fileURLToPath(new URL('../support/few-descriptors.sh', import.meta.url)),
    env: {
      NODE: process.execPath,
      OPEN_FILES: String(OPEN_FILES),
      CLUSTER_HEARTBEAT_INTERVAL: '50',
    },
  });
}

/** Resolves with the body of the answer, or with the error. By default, the request has a connection of its own. */
function request(app: Application, path: string, agent: Agent | false = false): Promise<string> {
  return new Promise(resolve => {
    const fail = (error: unknown): void => resolve(String(error));
    const sent = get(app.url(path), { agent }, response => {
      sent.setTimeout(0);
      text(response).then(resolve, fail);
    });
    sent.setTimeout(TIMEOUT, () => sent.destroy(new Error('There was no answer')));
    sent.once('error', fail);
  });
}

/** An agent with one connection, which stays open. */
function keptAlive(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agents.push(agent);
  return agent;
}

const pidsOf = (app: Application): number[] => app.of('workerReady').map(({ pid }) => pid);

/** Returns the process that has answered, or why nobody has. */
async function server(app: Application, agent?: Agent): Promise<number | string> {
  const answer = await request(app, '/worker', agent);
  return answer.startsWith('{') ? (JSON.parse(answer) as { pid: number }).pid : answer;
}

async function statusOf(app: Application, agent: Agent): Promise<HostStatus> {
  return JSON.parse(await request(app, '/status', agent)) as HostStatus;
}

/** Has processes open descriptors until there are none. */
async function exhaust(app: Application, pids: readonly number[]): Promise<void> {
  pids.forEach(pid => process.kill(pid, 'SIGUSR2'));
  await app.until(() => app.noted('exhausted').length === pids.length);
  expect(app.noted('exhausted').map(({ code }) => code)).toEqual(pids.map(() => 'EMFILE'));
}

async function free(app: Application, pids: readonly number[]): Promise<void> {
  pids.forEach(pid => process.kill(pid, 'SIGUSR2'));
  await app.until(() => app.noted('freed').length === pids.length);
}

const shortages = (app: Application): number =>
  app.output.split('has no free file descriptor').length - 1;

/** Waits until the worker that has this connection has sent a heartbeat that counts a request of this moment. */
async function untilHeartbeat(app: Application, agent: Agent): Promise<void> {
  const pid = await server(app, agent);
  const requests = async (): Promise<number> => {
    const { workers } = await statusOf(app, agent);
    return workers.find(worker => worker.pid === pid)?.vitals?.requests ?? 0;
  };
  const before = await requests();
  await eventually(
    async () => (await requests()) > before,
    TIMEOUT,
    () => app.output,
  );
}

describe('workers without free file descriptors', () => {
  it('serve what is open, and take the connections of the meantime as soon as they can', async () => {
    const app = await start();
    const workers = pidsOf(app);
    const agent = keptAlive();
    await server(app, agent);
    const streams = workers.map(() => request(app, '/stream'));
    await app.until(() => app.noted('streams').length === workers.length);
    await exhaust(app, workers);

    const waiting = REQUESTS.map(() => server(app));
    await untilHeartbeat(app, agent);
    await app.until(() => shortages(app) === workers.length);

    await free(app, workers);
    for (const stream of await Promise.all(streams)) {
      expect(stream).toMatch(/data: end\n\n$/);
    }
    for (const pid of await Promise.all(waiting)) {
      expect(workers).toContain(pid);
    }
    const later = await Promise.all(REQUESTS.map(() => server(app)));
    expect(new Set(later)).toEqual(new Set(workers));
    expect(shortages(app)).toBe(workers.length);
    expect(app.count('workerExited')).toBe(0);

    app.signal('SIGTERM');
    expect(await app.exited).toEqual({ code: 0, signal: null });
  });

  it('leave new connections to other workers', async () => {
    const app = await start();
    const [poor, other] = pidsOf(app) as [number, number];
    await exhaust(app, [poor]);
    const servers = await Promise.all(REQUESTS.map(() => server(app)));
    expect(new Set(servers)).toEqual(new Set([other]));
    await free(app, [poor]);
    await eventually(
      async () => (await server(app)) === poor,
      TIMEOUT,
      () => app.output,
    );
  });
});
