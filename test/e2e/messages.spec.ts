import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Application } from '../support/application.js';
import { freePort } from '../support/free-port.mjs';
import { type Caller, caller, type TransportName } from '../support/messages/caller.js';
import { MessageLoad } from '../support/messages/message-load.js';
import { NatsServer } from '../support/nats/nats-server.js';
import { RedisServer } from '../support/redis/redis-server.js';

const RELOADS = Number(process.env['MESSAGE_RELOADS'] ?? 2);

let transports: readonly TransportName[];
let ports: Readonly<Record<TransportName, number>>;
let env: Readonly<Record<string, string>>;

// One minute, unless more reloads are asked for.
vi.setConfig({ testTimeout: 30_000 * RELOADS });

beforeAll(async () => {
  // Nest 11 needs another client of NATS, which is not installed.
  const hasNats = process.env['TEST_NEST'] !== '11';
  const [redis, nats] = await Promise.all([
    RedisServer.start(),
    hasNats ? NatsServer.start() : undefined,
  ]);
  transports = ['tcp', 'redis', 'grpc', ...(nats ? (['nats'] as const) : [])];
  ports = {
    tcp: await freePort(),
    grpc: await freePort(),
    redis: redis.port,
    nats: nats?.port ?? 0,
  };
  env = Object.fromEntries(transports.map(name => [portVariable(name), String(ports[name])]));
});

afterEach(() => Application.endAll());

afterAll(async () => {
  await Promise.all([RedisServer.stopAll(), NatsServer.stopAll()]);
});

function portVariable(name: TransportName): string {
  return `${name.toUpperCase()}_PORT`;
}

async function reload(app: Application): Promise<void> {
  const before = app.count('reloadFinished');
  app.signal('SIGHUP');
  await app.until(() => app.count('reloadFinished') > before, 60_000);
}

/** How often each event was handled. */
function handled(app: Application): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { n } of app.noted('handled')) {
    counts.set(n as number, (counts.get(n as number) ?? 0) + 1);
  }
  return counts;
}

function all(events: readonly number[], counts: ReadonlyMap<number, number>): boolean {
  return events.every(n => counts.has(n));
}

/** The number of handlers that have begun a long task with the number `n`. */
function begun(app: Application, n: number): number {
  return app.noted('begun').filter(task => task.n === n).length;
}

describe('a hybrid application', () => {
  it('loses no message and no event in reloads', async () => {
    const app = await Application.ready('messages/hybrid', { env });
    const loads = transports.map(
      transport =>
        new MessageLoad({
          transport,
          port: ports[transport],
          clients: 3,
          inFlight: 5,
          ms: 200,
          eventInterval: 10,
        }),
    );
    for (let n = 0; n < RELOADS; n++) {
      await reload(app);
    }
    await Promise.all(loads.map(async load => load.stop()));
    const events = loads.flatMap(load => [...load.events]);
    await app.until(() => all(events, handled(app))).catch(() => {});

    const counts = handled(app);
    for (const { transport, failures, answered, events: sent } of loads) {
      const lost = [...sent].filter(n => !counts.has(n));
      expect({ transport, failures: failures.slice(0, 5), lost }).toEqual({
        transport,
        failures: [],
        lost: [],
      });
      expect(answered).toBeGreaterThan(RELOADS * 20);
    }
    // Every worker gets every message of Redis.
    const others = loads.filter(({ transport }) => transport !== 'redis');
    const twice = others.flatMap(load => [...load.events].filter(n => counts.get(n) !== 1));
    expect(twice).toEqual([]);
    expect(app.noted('request-after-destroy')).toEqual([]);
    expect(app.noted('response-after-destroy')).toEqual([]);
  });

  it('answers all messages in progress when it stops', async () => {
    const app = await Application.ready('messages/hybrid', { env });
    const callers = transports.map(transport => caller(transport, ports[transport]));
    // Over Redis, every worker answers, and the client mixes their streams.
    const streaming = callers.filter((_, place) => transports[place] !== 'redis');
    const emitting = callers.filter(each => 'emit' in each);
    const answers = [
      ...callers.map(async each => each.work({ n: 10, ms: 1_500 })),
      ...streaming.map(async each => each.count({ n: 3, ms: 500 })),
    ];
    await Promise.all(emitting.map(async each => each.emit?.({ n: 20, ms: 1_500 })));
    // Both workers get what is sent over Redis.
    await app.until(
      () =>
        begun(app, 10) === callers.length + 1 &&
        begun(app, 0) === streaming.length &&
        begun(app, 20) === emitting.length + 1,
    );
    app.signal('SIGTERM');
    expect(await Promise.allSettled(answers)).toEqual(
      answers.map((_, place) => ({
        status: 'fulfilled',
        value:
          place < callers.length
            ? { n: 10, pid: expect.any(Number) }
            : [0, 1, 2].map(n => ({ n, pid: expect.any(Number) })),
      })),
    );
    expect(await app.exited).toEqual({ code: 0, signal: null });
    expect(app.noted('handled')).toHaveLength(emitting.length + 1);
    expect(app.noted('response-after-destroy')).toEqual([]);
    await closeAll(callers);
  });
});

describe('a microservice', () => {
  it.each(['tcp', 'grpc'] as const)(
    'answers all messages in progress in a reload and when it stops (%s)',
    async transport => {
      const name = portVariable(transport);
      const app = await Application.ready('messages/pure', { env: { [name]: env[name]! } });
      const client = caller(transport, ports[transport]);
      const answers = [client.work({ n: 10, ms: 1_000 }), client.count({ n: 2, ms: 500 })];
      await app.until(() => begun(app, 10) === 1 && begun(app, 0) === 1);
      await reload(app);
      answers.push(client.work({ n: 11, ms: 500 }));
      const later = await client.work({ n: 3, ms: 1 });
      await app.until(() => begun(app, 11) === 1);
      app.signal('SIGTERM');
      expect((await Promise.allSettled(answers)).map(({ status }) => status)).toEqual(
        answers.map(() => 'fulfilled'),
      );
      expect(app.of('workerReady').map(({ pid }) => pid)).toContain(later.pid);
      expect(await app.exited).toEqual({ code: 0, signal: null });
      expect(app.noted('response-after-destroy')).toEqual([]);
      await closeAll([client]);
    },
  );
});

async function closeAll(callers: readonly Caller[]): Promise<void> {
  await Promise.all(callers.map(async each => each.close()));
}
