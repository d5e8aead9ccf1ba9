import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Agent, request } from 'node:http';
import { Application } from '../support/application.js';
import { RedisServer } from '../support/redis/redis-server.js';

interface Answer {
  readonly status: number;
  readonly worker: number;
  readonly body: string;
}

/** One connection for each request, so that all workers get some. */
function get(app: Application, path: string, headers: object = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(app.url(path), {
      agent: new Agent(),
      headers: { connection: 'close', ...headers },
    });
    asked.on('error', reject);
    asked.on('response', response => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          worker: Number(response.headers['x-worker']),
          body,
        }),
      );
    });
    asked.end();
  });
}

describe.each(['memory', 'Redis'])('an application with 4 workers and its state in %s', name => {
  let redis: RedisServer | undefined;
  let app: Application;

  beforeAll(async () => {
    redis = name === 'Redis' ? await RedisServer.start() : undefined;
    app = await Application.ready('packages/main', {
      env: { CLUSTER_WORKERS: '4', ...(redis && { CLUSTER_REDIS_URL: redis.url }) },
    });
  });

  afterAll(async () => {
    await Application.endAll();
    await redis?.stop();
  });

  it('lets exactly the limit of @nestjs/throttler pass, of 800 requests', async () => {
    const answers: Answer[] = [];
    const clients = Array.from({ length: 200 }, async () => {
      for (let count = 0; count < 4; count++) {
        answers.push(await get(app, '/limited'));
      }
    });
    await Promise.all(clients);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(50);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(750);
    expect(new Set(answers.map(({ worker }) => worker)).size).toBe(4);
  });

  if (name === 'Redis') {
    it('answers with 503 while the server is away', async () => {
      await redis!.stop();
      const answers = await Promise.all([get(app, '/limited'), get(app, '/limited')]);
      expect(answers.map(({ status }) => status)).toEqual([503, 503]);
    });
  }
});
