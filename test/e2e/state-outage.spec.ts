import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { RedisKeys } from '../../src/state/backends/redis/redis-keys.js';
import { Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { freePort } from '../support/free-port.mjs';
import { HAS_RESP3 } from '../support/ioredis/has-resp3.mjs';
import { RedisCluster } from '../support/redis/redis-cluster.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { RemoteState } from '../support/remote-state.js';

const UNAVAILABLE = 'CLUSTER_STATE_UNAVAILABLE';
const AMBIGUOUS = 'CLUSTER_STATE_AMBIGUOUS';

/** Milliseconds: the timeout of the calls, and the delay that a slow machine may add. */
const TIMEOUT = 1_000;
const MARGIN = 700;

let remote: RemoteState | undefined;

async function start(url: string, env: Record<string, string> = {}): Promise<RemoteState> {
  remote = await RemoteState.ready({
    env: {
      CLUSTER_REDIS_URL: url,
      CLUSTER_NAMESPACE: randomUUID(),
      CLUSTER_STATE_TIMEOUT: String(TIMEOUT),
      ...env,
    },
  });
  return remote;
}

afterEach(async () => {
  const unhandled = remote?.app.noted('unhandled');
  await Application.endAll();
  await FaultProxy.stopAll();
  await RedisServer.stopAll();
  expect(unhandled ?? []).toEqual([]);
});

describe('an application whose Redis is away', () => {
  it('boots, serves, says what is wrong at once, and works when Redis comes', async () => {
    const port = await freePort();
    const state = await start(`redis://127.0.0.1:${port}`);
    await eventually(
      async () => (await state.increment('visits')).took < 100,
      5_000,
      () => 'Calls are not refused at once',
    );
    const { error, took } = await state.increment('visits');
    expect(error).toMatchObject({ code: UNAVAILABLE });
    expect(error?.message).toMatch(
      /^"increment" of "visits" was not applied: the backend is unreachable/,
    );
    expect(took).toBeLessThan(100);
    await RedisServer.start({ port });
    await state.untilAvailable();
    expect((await state.increment('visits')).value).toBe(1);
  });

  it('keeps the connection if only replicas do not confirm', async () => {
    const { port } = await RedisServer.start();
    const proxy = await FaultProxy.start({ host: '127.0.0.1', port });
    const state = await start(proxy.url);
    await state.untilAvailable();
    const { accepted } = proxy;
    for (let calls = 0; calls < 3; calls++) {
      const { error } = await state.increment('sold', { replicas: 1 });
      expect(error?.code).toBe(AMBIGUOUS);
    }
    await state.untilAvailable();
    expect(proxy.accepted).toBe(accepted);
    expect(state.app.output).not.toContain('Redis is unreachable');
  });

  it('rides over a restart without an error, and says once that Redis was away', async () => {
    const server = await RedisServer.start({ persistent: true });
    const state = await start(server.url, { CLUSTER_STATE_TIMEOUT: '10000' });
    await state.increment('visits');
    await server.kill();
    const during = [1, 2, 3, 4].map(() => state.increment('visits'));
    await server.restart();
    const values = (await Promise.all(during)).map(({ value }) => value);
    expect(new Set(values)).toEqual(new Set([2, 3, 4, 5]));
    await state.app.until(
      () => state.app.output.split('Redis is available again').length - 1 === 2,
    );
    expect(state.app.output.split('Redis is unreachable').length - 1).toBe(2);
  });

  it('applies nothing later: rejected calls are not applied when a paused server resumes', async () => {
    const server = await RedisServer.start();
    const state = await start(server.url);
    await state.increment('sold');
    await server.pause();
    const rejected = await Promise.all([1, 2, 3].map(() => state.increment('sold')));
    for (const { error, took } of rejected) {
      expect([UNAVAILABLE, AMBIGUOUS]).toContain(error?.code);
      expect(took).toBeLessThan(TIMEOUT + MARGIN);
    }
    const ids = rejected.flatMap(({ error }) => error?.operationId ?? []);
    expect(ids.length).toBeGreaterThan(0);
    server.resume();
    await state.untilAvailable();
    expect(await state.get('sold')).toBe(1);
    for (const id of ids) {
      expect((await state.call({ method: 'resolve', args: [id] })).value).toEqual({
        status: 'not-applied',
      });
    }
  });

  it('tells later, from any worker, what became of a call whose reply was lost', async () => {
    const server = await RedisServer.start();
    const proxy = await FaultProxy.start({ host: '127.0.0.1', port: server.port });
    const state = await start(proxy.url);
    await state.untilAvailable();
    proxy.dropReplies();
    const [first, bounded] = await Promise.all([
      state.increment('sold'),
      state.call({ object: ['counter', 'left', { min: 0, max: 5 }], method: 'decrement' }),
    ]);
    await proxy.heal();
    await state.untilAvailable();
    const outcome = async (id: string | undefined) =>
      (await state.call({ method: 'resolve', args: [id] })).value;
    const ambiguous = [first, bounded].filter(({ error }) => error?.code === AMBIGUOUS);
    expect(ambiguous.length).toBeGreaterThan(0);
    if (first.error?.code === AMBIGUOUS) {
      expect(await outcome(first.error.operationId)).toEqual({ status: 'applied', value: 1 });
      expect(await state.get('sold')).toBe(1);
    }
    if (bounded.error?.code === AMBIGUOUS) {
      expect(await outcome(bounded.error.operationId)).toEqual({ status: 'not-applied' });
    }
    const bad = await state.call({ method: 'resolve', args: ['no id'] });
    expect(bad.error?.code).toBe('CLUSTER_STATE_INPUT');
  });

  it('goes on after FLUSHALL, and after the scripts were flushed', async () => {
    const server = await RedisServer.start();
    const state = await start(server.url);
    await state.increment('visits');
    await server.command('SCRIPT', 'FLUSH');
    expect((await state.increment('visits')).value).toBe(2);
    await server.command('FLUSHALL');
    expect((await state.increment('visits')).value).toBe(1);
  });

  it('waits for a server that has become a replica to be a master again', async () => {
    const server = await RedisServer.start();
    const other = await RedisServer.start();
    const state = await start(server.url);
    await state.increment('visits');
    await server.command('REPLICAOF', '127.0.0.1', other.port);
    const { error } = await state.increment('visits');
    expect(error?.code).toBe(UNAVAILABLE);
    await server.command('REPLICAOF', 'NO', 'ONE');
    await state.untilAvailable();
  });

  it('reports the error of Redis: it is full', async () => {
    const server = await RedisServer.start();
    const state = await start(server.url);
    await state.increment('visits');
    await server.command('CONFIG', 'SET', 'maxmemory', '1');
    const { error } = await state.increment('visits');
    expect(error).toMatchObject({
      code: 'CLUSTER_STATE_FULL',
      message: expect.stringContaining('OOM'),
    });
    await server.command('CONFIG', 'SET', 'maxmemory', '0');
    expect((await state.increment('visits')).value).toBe(2);
  });

  it('takes a new password when the old one is taken away, with no more rights than it needs', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'nestjs-cluster-password-'));
    const file = join(directory, 'password');
    await writeFile(file, 'first');
    const server = await RedisServer.start();
    const namespace = randomUUID();
    const rights = [`~${namespace}:*`, `&${namespace}~*`, '+@all', '-@dangerous', '+info'];
    await server.command('ACL', 'SETUSER', 'app', 'on', '>first', ...rights);
    const state = await start('redis://ignored:1', {
      REDIS: JSON.stringify({ host: '127.0.0.1', port: server.port, username: 'app' }),
      PASSWORD_FILE: file,
      CLUSTER_NAMESPACE: namespace,
    });
    await state.untilAvailable();
    await Promise.all([1, 2, 3, 4].map(() => state.post('/candidate/office')));
    await state.app.until(() => state.app.noted('elected').length > 0);
    await server.command('ACL', 'SETUSER', 'app', '<first', '>second');
    await server.command('CLIENT', 'KILL', 'USER', 'app');
    await eventually(
      async () => (await state.increment('visits')).error?.code === UNAVAILABLE,
      5_000,
      () => 'It works with a password that is no longer one',
    );
    await writeFile(file, 'second');
    await state.untilAvailable();
    await rm(directory, { recursive: true });
  });
});

async function connections(server: RedisServer): Promise<number> {
  const clients = String(await server.command('CLIENT', 'LIST', 'TYPE', 'normal'));
  const listeners = String(await server.command('CLIENT', 'LIST', 'TYPE', 'pubsub'));
  // The connection that runs CLIENT LIST is not counted.
  return (clients + listeners).split('\n').filter(line => line.includes('id=')).length - 1;
}

describe('an application whose Redis Cluster wants another password', () => {
  it('takes the new one on every node', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'nestjs-cluster-password-'));
    const file = join(directory, 'password');
    await writeFile(file, 'first');
    const cluster = await RedisCluster.start();
    const toAll = (...command: [string, ...string[]]) =>
      Promise.all(cluster.nodes.map(node => node.command(...command)));
    await toAll('ACL', 'SETUSER', 'app', 'on', '>first', '~*', '&*', '+@all');
    const state = await start('redis://ignored:1', {
      REDIS: JSON.stringify({ cluster: cluster.seeds, redisOptions: { username: 'app' } }),
      PASSWORD_FILE: file,
      CLUSTER_NAMESPACE: randomUUID(),
      CLUSTER_WORKERS: '1',
    });
    const names = Array.from({ length: 12 }, (_, index) => `counter-${index}`);
    const succeed = async (): Promise<boolean> => {
      const calls = await Promise.all(names.map(name => state.increment(name)));
      return calls.every(({ error }) => error === undefined);
    };
    await eventually(succeed, 15_000, () => state.app.output);
    await writeFile(file, 'second');
    await toAll('ACL', 'SETUSER', 'app', '<first', '>second');
    await toAll('CLIENT', 'KILL', 'USER', 'app');
    await eventually(succeed, 15_000, () => state.app.output);
    await cluster.stop();
    await rm(directory, { recursive: true });
  });
});

describe('an application whose Redis Cluster loses a master', () => {
  it('serves the keys of the other masters meanwhile, and all keys once a replica has taken over', async () => {
    const cluster = await RedisCluster.start();
    const namespace = randomUUID();
    const state = await start('redis://ignored:1', {
      REDIS: JSON.stringify({ cluster: cluster.seeds }),
      CLUSTER_NAMESPACE: namespace,
      CLUSTER_WORKERS: '1',
    });
    const keys = new RedisKeys(namespace, true);
    const names = Array.from({ length: 12 }, (_, index) => `counter-${index}`);
    await Promise.all(names.map(name => state.increment(name)));
    const victim = await cluster.masterOf(keys.data(names[0]!));
    const masters = await Promise.all(names.map(name => cluster.masterOf(keys.data(name))));
    const elsewhere = names.filter((_, index) => masters[index] !== victim);
    await cluster.killMaster(keys.data(names[0]!));
    const calls = await Promise.all(elsewhere.map(name => state.increment(name)));
    expect(calls.map(({ value }) => value)).toEqual(elsewhere.map(() => 2));
    await cluster.untilMaster(keys.data(names[0]!), victim);
    await eventually(
      async () => (await state.increment(names[0]!)).error === undefined,
      15_000,
      () => state.app.output,
    );
  });
});

describe('the connections to Redis', () => {
  it('are one for each worker, also if it waits for locks by RESP3', async () => {
    const server = await RedisServer.start();
    const state = await start(server.url);
    await state.untilAvailable();
    await eventually(
      async () => (await connections(server)) === (HAS_RESP3 ? 2 : 3),
      5_000,
      () => state.app.output,
    );
    await Promise.all([1, 2, 3, 4, 5, 6].map(() => state.post('/candidate/office')));
    await state.app.until(() => state.app.noted('elected').length > 0);
    await eventually(
      async () => (await connections(server)) === (HAS_RESP3 ? 2 : 4),
      5_000,
      () => state.app.output,
    );
  });

  it('are two by RESP2, in the worker that speaks for its host and in each that waits for locks', async () => {
    const server = await RedisServer.start();
    const state = await start(server.url, {
      REDIS: JSON.stringify({ host: '127.0.0.1', port: server.port, protocol: 2 }),
      CLUSTER_WORKERS: '2',
    });
    await state.untilAvailable();
    await eventually(
      async () => (await connections(server)) === 3,
      5_000,
      () => state.app.output,
    );
    await Promise.all([1, 2, 3, 4, 5, 6].map(() => state.post('/candidate/office')));
    await eventually(
      async () => (await connections(server)) === 4,
      5_000,
      () => state.app.output,
    );
  });

  it('are those of the application, if it has its own client, which is not closed', async () => {
    const server = await RedisServer.start();
    remote = await RemoteState.ready({
      env: { OWN_CLIENT: server.url, CLUSTER_WORKERS: '0', CLUSTER_NAMESPACE: randomUUID() },
    });
    expect((await remote.increment('visits')).value).toBe(1);
    expect(await connections(server)).toBe(1);
    expect(await (await fetch(remote.app.url('/own'))).json()).toEqual({ answer: 'PONG' });
    await remote.post('/candidate/office');
    await remote.app.until(() => remote!.app.noted('elected').length > 0);
    await eventually(
      async () => (await connections(server)) === 2,
      5_000,
      () => remote!.app.output,
    );
  });

  it('are closed with the application', async () => {
    const server = await RedisServer.start();
    const state = await start(server.url);
    await state.post('/candidate/office');
    await state.app.until(() => state.app.noted('elected').length > 0);
    state.app.signal('SIGTERM');
    expect(await state.app.exited).toEqual({ code: 0, signal: null });
    expect(await connections(server)).toBe(0);
  });
});
