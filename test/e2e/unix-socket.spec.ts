import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';

let directory: string;
let socketPath: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'unix-socket-'));
  socketPath = join(directory, 'app.sock');
});

afterEach(async () => {
  await Application.endAll();
  rmSync(directory, { recursive: true });
});

function ask(path = '/hello', method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path, method, agent: false }, response => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    })
      .once('error', reject)
      .end();
  });
}

/** Clients that send one request after the other, each over a new connection. */
class Clients {
  readonly failures: string[] = [];
  answered = 0;
  #stopped = false;
  readonly #all = Array.from({ length: 4 }, () => this.#run());

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#all);
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        expect(await ask()).toBe(200);
        this.answered++;
      } catch (error) {
        this.failures.push(String(error));
      }
    }
  }
}

it.each([false, true])(
  'serves on a Unix socket across crash, reload and a kill of the host (fastify: %s)',
  async fastify => {
    const pathAsOption = fastify && process.env['TEST_NEST'] === '11';
    const env = { FIXTURE: JSON.stringify({ path: socketPath, fastify, pathAsOption }) };
    const app = await Application.ready('http/configured', { env });
    expect(await ask()).toBe(200);

    // The application removes the socket file before it listens, so each replacement worker does this as well.
    const clients = new Clients();
    process.kill(app.of('workerReady')[0]!.pid, 'SIGTERM');
    await app.until(() => app.count('workerReady') === 3 && app.count('workerExited') === 1);
    app.signal('SIGHUP');
    await app.until(() => app.count('reloadFinished') === 1);
    await clients.stop();
    expect(clients.failures).toEqual([]);
    expect(app.of('reloadFinished')).toMatchObject([{ outcome: 'done' }]);
    process.kill(app.of('workerReady').at(-1)!.pid, 'SIGKILL');
    await app.until(() => app.count('workerReady') === 6);
    expect(await ask()).toBe(200);

    await app.rememberProcesses();
    app.signal('SIGKILL');
    await app.noneLeft(10_000);
    expect(existsSync(socketPath)).toBe(true);
    const next = await Application.ready('http/configured', { env });
    expect(await ask()).toBe(200);
    next.signal('SIGTERM');
    expect(await next.exited).toEqual({ code: 0, signal: null });
    expect(readdirSync(directory)).toEqual([]);
  },
);

it('is free for the next host as soon as the port has closed, and stays with that host', async () => {
  const env = { FIXTURE: JSON.stringify({ path: socketPath }) };
  const app = await Application.ready('http/configured', { env });
  // A blocked worker does not close its server before.
  const blocked = ask('/block?ms=3000', 'POST');
  await app.until(() => app.noted('blocking').length === 1);
  app.signal('SIGTERM');
  await eventually(
    () => readdirSync(directory).length === 0,
    2_500,
    () => `Still there: ${readdirSync(directory).join(', ')}`,
  );
  const next = await Application.ready('http/configured', { env });
  expect(await blocked).toBe(201);
  expect(await app.exited).toEqual({ code: 0, signal: null });
  expect(await ask()).toBe(200);
  next.signal('SIGTERM');
  expect(await next.exited).toEqual({ code: 0, signal: null });
  expect(readdirSync(directory)).toEqual([]);
});
