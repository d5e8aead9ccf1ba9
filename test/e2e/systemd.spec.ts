import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadWebSocket } from '../../src/cli/verify/load/clients/connect-web-socket.js';
import { Kills } from '../../src/cli/verify/load/kills.js';
import { Load } from '../../src/cli/verify/load/load.js';
import { Tally } from '../../src/cli/verify/load/tally.js';
import type { HostStatus } from '../../src/model/host-status.interface.js';
import { SERVICE_VARIABLES } from '../../src/systemd/service-variables.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.mjs';
import { fixturesDirectory } from '../support/ioredis/ioredis-versions.mjs';
import { type Service, ServiceManager } from '../support/systemd/service-manager.js';

/** `npm run verify:activation` restarts more often, under a larger load. */
const RESTARTS = Number(process.env['ACTIVATION_RESTARTS'] ?? 1);
const REQUESTS = Number(process.env['ACTIVATION_REQUESTS'] ?? 300);
const CLIENTS = Number(process.env['ACTIVATION_CLIENTS'] ?? 4);

/** These tests need `systemd-notify` and Python, which are on most systems with systemd. */
const withSystemd = existsSync('/usr/bin/systemd-notify') ? describe : describe.skip;

afterAll(() => ServiceManager.endAll());

function service(fixture: object, { env, ...others }: Partial<Service>): Service {
  return {
    command: [process.execPath, `${fixturesDirectory()}/http/configured.js`],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      NO_COLOR: '1',
      CLUSTER_WORKERS: '2',
      FIXTURE: JSON.stringify(fixture),
      ...env,
    },
    notify: `@nestjs-cluster-${process.pid}-${Math.random()}`,
    ...others,
  };
}

/** What the service has announced, in order. */
function announcements(manager: ServiceManager): string[] {
  return manager.notifications
    .flatMap(({ lines }) => lines)
    .filter(line => /^(READY|RELOADING|STOPPING)=/.test(line));
}

/** Asks over a new connection. */
function ask(target: object, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ ...target, path, agent: new Agent() }, response => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve(text)).on('error', reject);
    }).on('error', reject);
  });
}

withSystemd('a service of systemd with a socket', () => {
  let port: number;
  let manager: ServiceManager;

  beforeAll(async () => {
    port = await freePort();
    manager = await ServiceManager.create(
      service(
        { webSockets: true, keepAliveTimeout: 2_000 },
        {
          env: { PORT: String(port) },
          listen: [{ type: 'tcp', host: '::', port, name: 'app.socket' }],
          watchdog: 1_000_000,
        },
      ),
    );
    // It waits in the queue of the socket until somebody serves it.
    const early = ask({ host: '127.0.0.1', port }, '/hello');
    await manager.startReady();
    expect(await early).toBe('hello');
  });

  const askStatus = async (): Promise<HostStatus> =>
    JSON.parse(await ask({ host: '127.0.0.1', port }, '/status')) as HostStatus;

  it('says when it is ready and reloads, and that it lives; workers cannot', async () => {
    expect(announcements(manager)).toEqual(['READY=1']);
    expect(manager.count('STATUS=2 of 2 workers ready, generation 0')).toBe(1);

    const variables = JSON.parse(await ask({ port }, '/variables')) as string[];
    expect(variables).toContain('CLUSTER_SLOT');
    expect(variables.filter(name => SERVICE_VARIABLES.includes(name))).toEqual([]);

    const before = process.hrtime.bigint() / 1_000n;
    manager.kill('SIGHUP');
    await manager.until(() => manager.count('READY=1') === 2);
    const reloading = manager.notifications.find(({ lines }) => lines.includes('RELOADING=1'));
    const time = reloading?.lines.find(line => line.startsWith('MONOTONIC_USEC='))?.split('=')[1];
    expect(BigInt(time ?? 0)).toBeGreaterThanOrEqual(before);
    expect(manager.count('STATUS=2 of 2 workers ready, generation 1')).toBe(1);

    const signs = manager.count('WATCHDOG=1');
    await manager.until(() => manager.count('WATCHDOG=1') >= signs + 2);
  });

  it('loses nothing while the primary is replaced by another one with other options', async () => {
    const tally = new Tally(new Kills());
    const load = new Load(
      new URL(`http://127.0.0.1:${port}`),
      {
        patience: 60_000,
        path: '/hello?ms=5',
        keepAlive: CLIENTS,
        oneShot: CLIENTS,
        pause: 200,
        uploads: {
          count: CLIENTS,
          path: '/upload',
          type: 'application/json',
          body: Buffer.from(JSON.stringify({ text: 'x'.repeat(1_000) })),
        },
        sse: { count: CLIENTS, path: '/ticks' },
        webSockets: {
          count: CLIENTS,
          path: '/',
          message: JSON.stringify({ event: 'echo', data: 1 }),
        },
      },
      tally,
      await loadWebSocket(),
    );
    const untilAnswered = (count: number): Promise<void> =>
      eventually(
        () => tally.answered >= count,
        300_000,
        () => manager.output,
      );
    tally.phase = 'rest';
    load.start();
    expect(await load.connected(30_000)).toEqual([]);
    for (let restart = 1; restart <= RESTARTS; restart++) {
      const { pid } = await askStatus();
      await untilAnswered((REQUESTS * restart) / (RESTARTS + 1));
      tally.phase = 'reload';
      await manager.stop();
      await manager.startReady({ CLUSTER_WORKERS: String(2 + (restart % 2)) });
      tally.phase = 'rest';
      const next = await askStatus();
      expect(next.pid).not.toBe(pid);
      expect(next.wanted).toBe(2 + (restart % 2));
    }
    await untilAnswered(REQUESTS);
    expect(await load.connected(30_000)).toEqual([]);
    await load.stop();
    if (process.env['ACTIVATION_REPORT']) {
      writeFileSync(process.env['ACTIVATION_REPORT'], JSON.stringify(tally.counts(), null, 2));
    }
    expect(tally.failures).toEqual([]);
    expect(manager.exits).toEqual(Array.from({ length: RESTARTS }, () => 0));
    expect(manager.count('STOPPING=1')).toBe(RESTARTS);
  }, 600_000);
});

withSystemd('a service with several sockets', () => {
  it('holds the connections that come while its only worker is replaced', async () => {
    const port = await freePort();
    const manager = await ServiceManager.create(
      service(
        {},
        {
          env: { PORT: String(port), CLUSTER_WORKERS: '1' },
          listen: [
            { type: 'tcp', host: '127.0.0.1', port, name: 'four' },
            { type: 'tcp', host: '::1', port, name: 'six' },
            { type: 'tcp', host: '127.0.0.1', port: await freePort(), name: 'other' },
          ],
        },
      ),
    );
    await manager.startReady();
    const { workers } = JSON.parse(await ask({ host: '::1', port }, '/status')) as HostStatus;
    process.kill(workers[0]!.pid, 'SIGKILL');
    await manager.until(() => manager.count('STATUS=0 of 1 worker ready, generation 0') === 1);
    const answers = ['127.0.0.1', '::1', '127.0.0.1'].map(host => ask({ host, port }, '/hello'));
    expect(await Promise.all(answers)).toEqual(['hello', 'hello', 'hello']);
    expect(manager.output).toContain('No worker listens on the socket other from systemd');
    await manager.end();
  });
});

withSystemd('a service of systemd', () => {
  it('is one process without workers, which systemd treats the same', async () => {
    const port = await freePort();
    const manager = await ServiceManager.create(
      service(
        {},
        {
          env: { PORT: String(port), CLUSTER_WORKERS: '0' },
          listen: [
            { type: 'tcp', host: '127.0.0.1', port },
            { type: 'tcp', host: '::1', port },
          ],
          watchdog: 1_000_000,
        },
      ),
    );
    for (const _ of ['start', 'restart']) {
      const early = ['127.0.0.1', '::1'].map(host => ask({ host, port }, '/hello'));
      await manager.startReady();
      expect(await Promise.all(early)).toEqual(['hello', 'hello']);
      await manager.stop();
    }
    expect(manager.exits).toEqual([0, 0]);
    expect(manager.count('WATCHDOG=1')).toBeGreaterThanOrEqual(2);
    await manager.end();
  });

  it.each(['round-robin', 'shared'])('serves on a Unix socket of systemd: %s', async scheduling => {
    const directory = await mkdtemp(join(tmpdir(), 'systemd-'));
    const path = join(directory, 'app.sock');
    const manager = await ServiceManager.create(
      service(
        { path },
        {
          env: { CLUSTER_WORKERS: '1', CLUSTER_SCHEDULING: scheduling },
          listen: [{ type: 'unix', path }],
        },
      ),
    );
    for (const _ of ['start', 'restart']) {
      const early = ask({ socketPath: path }, '/hello');
      await manager.startReady();
      expect(await early).toBe('hello');
      await manager.stop();
      expect(existsSync(path)).toBe(true);
    }
    await manager.end();
    await rm(directory, { recursive: true });
  });
});
