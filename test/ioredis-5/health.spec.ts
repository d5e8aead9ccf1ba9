import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { type Answer, Prober } from '../support/prober.js';
import { RedisServer } from '../support/redis/redis-server.js';

let prober: Prober | undefined;

afterEach(async () => {
  await prober?.stop();
  await Application.endAll();
  await RedisServer.stopAll();
});

describe('the health endpoint with ioredis 5', () => {
  it('tells that Redis stops, and starts again', async () => {
    const redis = await RedisServer.start();
    const app = await Application.ready('health/main', {
      env: { CLUSTER_REDIS_URL: redis.url, CLUSTER_NAMESPACE: randomUUID() },
    });
    const probing = (prober = new Prober(app.url('/health/ready')));
    const until = (answer: Answer): Promise<void> =>
      eventually(
        () => probing.last === answer,
        30_000,
        () => `It answers: ${probing.history.join(', ')}`,
      );
    await until('200 ok');
    await redis.kill();
    await until('200 degraded');
    await redis.restart();
    await until('200 ok');
    expect(probing.history.slice(-3)).toEqual(['200 ok', '200 degraded', '200 ok']);
  });
});
