import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { Application } from '../support/application.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { RemoteState } from '../support/remote-state.js';

const TIMEOUT = 2_000;
const BLOCK = 2_200;

afterEach(async () => {
  await Application.endAll();
  await RedisServer.stopAll();
});

describe('a worker whose event loop is blocked for longer than a call may last', () => {
  it.each(['1', '0'])('takes the memory for alive (CLUSTER_WORKERS=%s)', async workers => {
    const state = await RemoteState.ready({
      env: { CLUSTER_WORKERS: workers, CLUSTER_STATE_TIMEOUT: String(TIMEOUT) },
    });
    expect(await state.post('/busy', { blocks: BLOCK })).toMatchObject({ settled: [1, 2] });
    expect((await state.increment('busy')).value).toBe(3);
  });

  it('takes Redis for alive, and keeps the connection', async () => {
    const server = await RedisServer.start();
    const state = await RemoteState.ready({
      env: {
        CLUSTER_WORKERS: '1',
        CLUSTER_STATE_TIMEOUT: String(TIMEOUT),
        CLUSTER_REDIS_URL: server.url,
        CLUSTER_NAMESPACE: randomUUID(),
      },
    });
    await state.untilAvailable();
    // Excludes the connection that runs CLIENT LIST.
    const before = (await connectionIds(server)).slice(0, -1);
    expect(before.length).toBeGreaterThan(0);
    expect(await state.post('/busy', { blocks: BLOCK })).toMatchObject({ settled: [1, 2] });
    expect((await connectionIds(server)).slice(0, before.length)).toEqual(before);
  });
});

async function connectionIds(server: RedisServer): Promise<string[]> {
  const list = String(await server.command('CLIENT', 'LIST'));
  return [...list.matchAll(/^id=(\d+)/gm)].map(([, id]) => id!);
}
