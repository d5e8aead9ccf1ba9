import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Application } from '../support/application.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { RemoteState } from '../support/remote-state.js';

/** A lease in ms that is far longer than any test, so that no lock becomes free because its lease ends. */
const LONG_LEASE = 60_000;

interface Held {
  readonly pid: number;
  readonly token: number;
}

describe.concurrent.each(['memory', 'Redis'])('a worker that holds a lock (%s)', backend => {
  let state: RemoteState;

  beforeEach(async () => {
    const env: Record<string, string> = { CLUSTER_WORKERS: '2' };
    if (backend === 'Redis') {
      env['CLUSTER_REDIS_URL'] = (await RedisServer.start()).url;
      env['CLUSTER_NAMESPACE'] = randomUUID();
    }
    state = await RemoteState.ready({ env });
  });

  afterEach(() => state.app.end());

  it.sequential('frees it at once by dying', async () => {
    const holder = await state.post<Held>('/hold/order', { lease: LONG_LEASE });
    process.kill(holder.pid, 'SIGKILL');
    const next = await state.post<Held>('/hold/order', { wait: 20_000 });
    expect(next.pid).not.toBe(holder.pid);
    expect(next.token).toBeGreaterThan(holder.token);
  });

  it.sequential('leaves the queue of others by dying', async () => {
    const holder = await state.post<Held>('/hold/order', { lease: LONG_LEASE });
    // Callers wait in both workers. The worker that does not hold the lock dies, and with it some of these callers.
    const waiting = [1, 2, 3, 4].map(() =>
      state.post<Held>('/hold/order', { wait: 25_000, lease: LONG_LEASE }).catch(() => undefined),
    );
    const victim = state.workers.find(pid => pid !== holder.pid)!;
    process.kill(victim, 'SIGKILL');
    await state.app.until(() => state.app.count('workerReady') === 3);
    const survivors: number[] = [];
    for (let index = 0; index < 5; index++) {
      await state.app.until(() => state.app.noted('holds').length > survivors.length);
      survivors.push(state.app.noted('holds').at(-1)!.pid);
      if (state.app.noted('holds').length === 1 + (await living(waiting))) {
        break;
      }
      await releaseEverywhere(state, 'order');
    }
    expect(survivors).not.toContain(victim);
  });

  it.sequential('is the leader until it is gone: then another one is, at once', async () => {
    await Promise.all(
      [1, 2, 3, 4, 5, 6].map(() => state.post('/candidate/office', { lease: LONG_LEASE })),
    );
    await state.app.until(() => state.app.noted('elected').length > 0);
    const first = state.app.noted('elected')[0]!;
    process.kill(first.pid, 'SIGKILL');
    await state.app.until(() => state.app.noted('elected').some(({ pid }) => pid !== first.pid));
    const second = state.app.noted('elected').find(({ pid }) => pid !== first.pid)!;
    expect(second['token'] as number).toBeGreaterThan(first['token'] as number);
  });
});

describe('two hosts on one Redis', () => {
  afterEach(async () => {
    await Application.endAll();
    await RedisServer.stopAll();
  });

  let hosts: readonly [RemoteState, RemoteState];

  beforeEach(async () => {
    const { url } = await RedisServer.start();
    const env = { CLUSTER_REDIS_URL: url, CLUSTER_NAMESPACE: randomUUID() };
    hosts = await Promise.all([RemoteState.ready({ env }), RemoteState.ready({ env })]);
  });

  const elected = () => hosts.map(({ app }) => app.noted('elected').length);

  async function candidates(lease: number): Promise<void> {
    await Promise.all(
      hosts.flatMap(host => [1, 2, 3, 4].map(() => host.post('/candidate/office', { lease }))),
    );
    const [one, other] = hosts;
    await one.app.until(() => elected().some(count => count > 0));
    await other.app.until(() => elected().some(count => count > 0));
  }

  it('count together, exactly', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => hosts[index % 2]!.increment('sold')),
    );
    expect(answers.map(({ value }) => value!).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 1),
    );
    expect(await hosts[0].get('sold')).toBe(200);
    expect(await hosts[1].get('sold')).toBe(200);
  });

  it('have one leader; it is killed with its host, and the other takes over within the lease', async () => {
    await candidates(2_000);
    const first = elected()[0]! > 0 ? 0 : 1;
    const heir = hosts[1 - first]!.app;
    expect(elected()[1 - first]).toBe(0);
    const { app } = hosts[first];
    await app.rememberProcesses();
    for (const pid of app.survivors) {
      process.kill(pid, 'SIGKILL');
    }
    const killedAt = Date.now();
    await heir.until(() => heir.noted('elected').length > 0);
    expect(Date.now() - killedAt).toBeLessThan(6_000);
  });

  it('have one leader; its host drains, and the other takes over at once', async () => {
    await candidates(LONG_LEASE);
    const first = elected()[0]! > 0 ? 0 : 1;
    const { app } = hosts[first];
    const heir = hosts[1 - first]!.app;
    app.signal('SIGTERM');
    await heir.until(() => heir.noted('elected').length > 0);
    await app.exited;
    expect(app.noted('deposed').length).toBeGreaterThan(0);
    expect(app.noted('term-over').length).toBe(app.noted('elected').length);
  });
});

/** The number of callers that have not died with their worker. */
async function living(waiting: readonly Promise<Held | undefined>[]): Promise<number> {
  const pending = Promise.resolve('pending' as const);
  const states = await Promise.all(waiting.map(held => Promise.race([held, pending])));
  return states.filter(held => held !== undefined).length;
}

/** Any worker may receive the request, so it is repeated until the holder has released the lock. */
async function releaseEverywhere(state: RemoteState, name: string): Promise<void> {
  const held = state.app.noted('holds').length;
  while (state.app.noted('holds').length === held) {
    await state.post(`/release/${name}`);
  }
}
