import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { WebSocket } from 'ws';
import { Application, type ApplicationOptions, RECORD_ACCEPTED } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.mjs';
import { Load } from '../support/load.js';
import { appsDirectory, type NestVersion, packagesOf } from '../support/nest/nest-versions.mjs';
import { NOTHING_LOST, underLoad } from '../support/under-load.js';

/** `npm test` runs this file on Nest 11; `npm run test:matrix` runs the other files on Nest 11 as well. */
afterEach(() => Application.endAll());

const start = (name: string, options: ApplicationOptions = {}): Promise<Application> =>
  Application.ready(name, { nest: '11', ...options });

async function reload(app: Application): Promise<void> {
  app.signal('SIGHUP');
  await app.until(() => app.count('reloadFinished') === 1);
  expect(app.of('reloadFinished')).toMatchObject([{ outcome: 'done' }]);
}

async function stop(app: Application): Promise<void> {
  app.signal('SIGTERM');
  expect(await app.exited).toEqual({ code: 0, signal: null });
}

const HEALTHY = ['live', 'ready', 'startup'].map(endpoint => [endpoint, 200, 'ok']);

async function healthOf(app: Application): Promise<unknown[]> {
  return Promise.all(
    ['live', 'ready', 'startup'].map(async endpoint => {
      const response = await fetch(app.url(`/health/${endpoint}`));
      const { status } = (await response.json()) as { readonly status: string };
      return [endpoint, response.status, status];
    }),
  );
}

/** Asks again as a probe does: on a loaded machine, the primary may need more than 200 ms for its first answer. */
async function untilHealthy(app: Application): Promise<void> {
  let answers: unknown[] = [];
  await eventually(
    async () => isDeepStrictEqual((answers = await healthOf(app)), HEALTHY),
    10_000,
    () => JSON.stringify(answers),
  );
}

describe('the installed packages', () => {
  it.each<[NestVersion, RegExp]>([
    ['11.0', /^11\.0\.0$/],
    ['11', /^11\.[1-9]/],
  ])('are those of Nest %s', (nest, version) => {
    const require = createRequire(join(packagesOf(nest), 'package.json'));
    expect((require('@nestjs/core/package.json') as { version: string }).version).toMatch(version);
  });
});

describe.each(['http/express', 'http/fastify'])('%s on Nest 11', fixture => {
  it('loses no request in a reload, nor when it stops', async () => {
    const app = await start(fixture, { nodeArgs: RECORD_ACCEPTED });
    expect(await underLoad(app, () => reload(app))).toMatchObject(NOTHING_LOST);
    const load = new Load(app.url('/hello?ms=20'), { keepAlive: 16, oneShot: 16 });
    await load.untilAnswered(100);
    await stop(app);
    expect(await load.stop(app.accepted)).toMatchObject({
      cut: 0,
      hung: 0,
      failed: 0,
      errors: [],
    });
    // The drain ends before the first hook.
    expect(app.noted('destroyed')).toHaveLength(4);
    expect(app.noted('destroyed').every(({ inFlight }) => inFlight === 0)).toBe(true);
    expect(app.noted('request-after-destroy')).toEqual([]);
    await app.noneLeft();
  });
});

/** These applications load the packages as they are published: as CommonJS, without a bundler. */
describe('on Nest 11.0', () => {
  it('a worker is replaced in a reload, and answers what is in flight when it stops', async () => {
    const app = await start('http/express', { nest: '11.0', env: { CLUSTER_WORKERS: '1' } });
    await reload(app);
    const inFlight = fetch(app.url('/hello?ms=1000'));
    await fetch(app.url('/hello'), { headers: { connection: 'close' } });
    await stop(app);
    expect(await (await inFlight).text()).toBe('hello');
    expect(app.noted('destroyed')).toMatchObject([{ inFlight: 0 }, { inFlight: 0 }]);
    await app.noneLeft();
  });

  it('the endpoints of Terminus 11.0.0 answer for the host', async () => {
    const app = await start('health/main', { nest: '11.0' });
    await untilHealthy(app);
    await stop(app);
  });

  it('an event of @nestjs/event-emitter 3.0.0 reaches both workers', async () => {
    const app = await start('bus/emitter', { nest: '11.0' });
    const response = await fetch(app.url('/emit'), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ event: 'order.created', args: ['one'], async: false }),
    });
    expect(response.ok).toBe(true);
    await app.until(() => app.noted('heard').length >= 2);
    expect(new Set(app.noted('heard').map(({ slot }) => slot))).toEqual(new Set([0, 1]));
    await stop(app);
  });
});

/** With these options, Nest serializes the metadata of dynamic modules. */
describe.each<[NestVersion, object]>([
  ['11', { snapshot: true }],
  ['11', { moduleIdGeneratorAlgorithm: 'deep-hash' }],
  ['12', { snapshot: true }],
  ['12', { moduleIdGeneratorAlgorithm: 'deep-hash' }],
])('a CommonJS application on Nest %s with %j', (nest, options) => {
  it('boots its workers', async () => {
    const app = await start('http/common', {
      nest,
      main: join(appsDirectory(nest), 'http/common.cjs'),
      env: { FIXTURE: JSON.stringify(options), CLUSTER_RESTART_GIVE_UP_AFTER: '1' },
    });
    await stop(app);
  });
});

describe('on Nest 11', () => {
  it('the endpoints of Terminus 11 answer for the host', async () => {
    const app = await start('health/main');
    await untilHealthy(app);
    await stop(app);
  });

  it('a gateway tells its clients that the service restarts', async () => {
    const app = await start('http/configured', {
      env: { CLUSTER_WORKERS: '1', FIXTURE: JSON.stringify({ webSockets: true }) },
    });
    const socket = new WebSocket(`ws://127.0.0.1:${app.port}`);
    await once(socket, 'open');
    const closed = once(socket, 'close');
    await stop(app);
    expect((await closed)[0]).toBe(1012);
  });

  it('a hybrid application answers messages and requests, before and after a reload', async () => {
    const port = await freePort();
    const app = await start('kinds/hybrid', { env: { TCP_PORT: String(port) } });
    const ask = async (): Promise<number> => {
      const client = ClientProxyFactory.create({
        transport: Transport.TCP,
        options: { host: '127.0.0.1', port },
      });
      const slot = await lastValueFrom(client.send<number>('worker', {}));
      await client.close();
      return slot;
    };
    expect([0, 1]).toContain(await ask());
    expect(await underLoad(app, () => reload(app))).toMatchObject(NOTHING_LOST);
    expect([0, 1]).toContain(await ask());
    await stop(app);
    expect(app.noted('destroyed')).toHaveLength(4);
    await app.noneLeft();
  });
});
