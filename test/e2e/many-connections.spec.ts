import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Application } from '../support/application.js';

const CONNECTIONS = 6_000;

/** The shutdown timeout in milliseconds. */
const BUDGET = 6_000;

/** The number of connections that are opened at a time. The backlog of the system must have room for them. */
const BATCH = 200;

const clients: Socket[] = [];

afterEach(async () => {
  clients.splice(0).forEach(client => client.destroy());
  await Application.endAll();
});

/** Opens a connection that sends nothing, or that sends a request and receives the response. */
async function open(port: number, asks: boolean): Promise<void> {
  const client = connect(port, '127.0.0.1').on('error', () => {});
  clients.push(client);
  await once(client, 'connect');
  if (asks) {
    client.write('GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(client, 'data');
  }
}

describe('a host with thousands of connections', () => {
  it('stops within its budget, although idle connections would stay for longer', async () => {
    // Fastify keeps idle connections for 72 s.
    const app = await Application.ready('http/fastify', {
      env: { CLUSTER_SHUTDOWN_TIMEOUT: String(BUDGET) },
    });
    for (let opened = 0; opened < CONNECTIONS; opened += BATCH) {
      const batch = Array.from({ length: BATCH }, (_, index) => open(app.port, index % 2 === 0));
      await Promise.all(batch);
    }
    const stoppedAt = performance.now();
    app.signal('SIGTERM');
    expect(await app.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - stoppedAt).toBeLessThan(BUDGET + 2_000);
    expect(app.of('workerExited').map(({ reason }) => reason)).toEqual(['left', 'left']);
    await app.noneLeft();
  });
});
