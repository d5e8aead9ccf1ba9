import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Agent, request } from 'node:http';
import { Application } from '../support/application.js';
import { RedisServer } from '../support/redis/redis-server.js';

const WORKERS = 4;

interface Answer {
  readonly status: number;
  /** The id of the process. */
  readonly worker: number;
  /** The cookie of the session, if one was set. */
  readonly cookie: string | undefined;
  readonly body: string;
}

/** One connection for each request, so that all workers get some. */
function ask(
  app: Application,
  path: string,
  method = 'GET',
  headers: object = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(app.url(path), {
      method,
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
          cookie: response.headers['set-cookie']?.[0]?.split(';')[0],
          body,
        }),
      );
    });
    asked.end();
  });
}

/** Asks until each worker has answered a request that was sent after a point in time. */
async function askAllWorkers(app: Application, path: string, since: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  while (new Set(answers.map(({ worker }) => worker)).size < WORKERS) {
    const askedAt = performance.now();
    const answer = await ask(app, path);
    if (askedAt >= since) {
      answers.push(answer);
    }
  }
  return answers;
}

/** Begins a session. @returns its cookie */
async function visitorOf(app: Application): Promise<string> {
  const { body, cookie } = await ask(app, '/visits');
  expect(body).toBe('1');
  return cookie!;
}

/** The processes that have begun to load a value. */
function loadsOf(app: Application, key: string): number[] {
  return app
    .noted('load')
    .filter(note => note['key'] === key)
    .map(({ pid }) => pid);
}

describe.each(['memory', 'Redis'])('an application with 4 workers and its state in %s', name => {
  let redis: RedisServer | undefined;
  let app: Application;

  beforeAll(async () => {
    redis = name === 'Redis' ? await RedisServer.start() : undefined;
    app = await Application.ready('packages/main', {
      env: { CLUSTER_WORKERS: String(WORKERS), ...(redis && { CLUSTER_REDIS_URL: redis.url }) },
    });
  });

  afterAll(async () => {
    expect(app.noted('unhandled')).toEqual([]);
    await Application.endAll();
    await redis?.stop();
  });

  it('lets exactly the limit of @nestjs/throttler pass, of 800 requests', async () => {
    const answers: Answer[] = [];
    const clients = Array.from({ length: 200 }, async () => {
      for (let count = 0; count < 4; count++) {
        answers.push(await ask(app, '/limited'));
      }
    });
    await Promise.all(clients);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(50);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(750);
    expect(new Set(answers.map(({ worker }) => worker)).size).toBe(WORKERS);
  });

  it('sees a new value of a cache with near copies in every worker, 100 ms after it was set', async () => {
    for (const value of ['1', '2', '3', '4', '5', '6']) {
      expect((await ask(app, `/cache/near/${value}`, 'PUT')).status).toBe(200);
      const answers = await askAllWorkers(app, '/cache/near', performance.now() + 100);
      expect(answers.map(({ body }) => body)).toEqual(answers.map(() => value));
    }
  });

  it('loads a value once, however many requests to all workers miss it', async () => {
    const misses = Array.from({ length: 64 }, () => ask(app, '/cache/once/loaded/500'));
    const answers = await Promise.all(misses);
    expect(loadsOf(app, 'once')).toHaveLength(1);
    expect(answers.map(({ body }) => body)).toEqual(
      answers.map(() => String(loadsOf(app, 'once')[0])),
    );
    expect(new Set(answers.map(({ worker }) => worker)).size).toBe(WORKERS);
  });

  it('loads a value in another worker, if the one that loads it is killed', async () => {
    const misses = Array.from({ length: 16 }, () =>
      ask(app, '/cache/killed/loaded/1000').catch(() => undefined),
    );
    await app.until(() => loadsOf(app, 'killed').length > 0);
    process.kill(loadsOf(app, 'killed')[0]!, 'SIGKILL');
    const answers = (await Promise.all(misses)).filter(answer => answer !== undefined);
    const [killed, next, ...others] = loadsOf(app, 'killed');
    expect(others).toEqual([]);
    expect(next).not.toBe(killed);
    expect(answers.length).toBeGreaterThan(0);
    expect(answers.map(({ status, body }) => [status, body])).toEqual(
      answers.map(() => [200, String(next)]),
    );
    await app.until(() => app.count('workerReady') === WORKERS + 1);
  });

  it('counts in a session of express-session, through a reload', async () => {
    const cookie = await visitorOf(app);
    app.signal('SIGHUP');
    const answers: Answer[] = [];
    while (app.count('reloadFinished') === 0) {
      answers.push(await ask(app, '/visits', 'GET', { cookie }));
    }
    expect(answers.map(({ body }) => body)).toEqual(answers.map((_, index) => String(index + 2)));
    expect(new Set(answers.map(({ worker }) => worker)).size).toBeGreaterThan(WORKERS);
  });

  if (name === 'Redis') {
    it('answers every request while the server is away', async () => {
      const paths = ['/limited', '/limited', '/cache/any', '/cache/any/loaded/0', '/visits'];
      const session = { cookie: await visitorOf(app) };
      await redis!.stop();
      const answers = await Promise.all(paths.map(path => ask(app, path, 'GET', session)));
      // Without the cache, each worker loads for itself.
      expect(answers.map(({ status }) => status)).toEqual([503, 503, 500, 200, 503]);
      expect(answers[3]!.body).toBe(String(answers[3]!.worker));
    });
  }
});
