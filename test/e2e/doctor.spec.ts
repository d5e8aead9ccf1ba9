import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DOCTOR_CHECKS } from '../../src/config/doctor-checks.js';
import { Application } from '../support/application.js';
import { fixturesDirectory } from '../support/ioredis/ioredis-versions.mjs';
import { RedisServer } from '../support/redis/redis-server.js';

/** The checks of the warnings in the log of a host, in alphabetical order. */
const reported = (app: Application): string[] =>
  [...app.stdout.matchAll(/WARN .*CLUSTER_DOCTOR=-([\w.-]+)/g)]
    .map(([, check = '']) => check)
    .toSorted();

let redis: RedisServer;
let directory: string;
let main: string;

beforeAll(async () => {
  redis = await RedisServer.start({
    args: ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'],
  });
  // Above this file, there is no package.json with a name, which would be the namespace.
  directory = await mkdtemp(join(tmpdir(), 'nestjs-cluster-doctor-'));
  main = join(directory, 'main.mjs');
  const fixture = pathToFileURL(`${fixturesDirectory()}/doctor/main.js`).href;
  await writeFile(main, `import ${JSON.stringify(fixture)};\n`);
});

afterAll(async () => {
  await Application.endAll();
  await RedisServer.stopAll();
  await rm(directory, { recursive: true, force: true });
});

/** Has every worker answer a request, so that the doctor has seen the sessions of all. */
async function requestEach(app: Application): Promise<void> {
  const seen = new Set<number>();
  while (seen.size < 2) {
    const answer = await fetch(app.url('/user'));
    seen.add(((await answer.json()) as { readonly pid: number }).pid);
  }
}

it('names each mistake of an application once, and not again after a reload', async () => {
  const app = await Application.ready('doctor/main', {
    main,
    env: { CLUSTER_REDIS_URL: redis.url },
  });
  await requestEach(app);
  await app.until(() => reported(app).length >= DOCTOR_CHECKS.length);
  expect(app.stdout).toContain('ClusterScheduleModule.forRoot()');
  expect(app.stdout).toContain('60 connections × 2 workers = 120');
  app.signal('SIGHUP');
  await app.until(() => app.count('reloadFinished') > 0);
  await requestEach(app);
  app.signal('SIGTERM');
  await app.exited;
  expect(reported(app)).toEqual(DOCTOR_CHECKS.toSorted());
});

it('says nothing of an application without mistakes', async () => {
  const app = await Application.ready('doctor/main', { env: { FIXED: '1' } });
  await requestEach(app);
  app.signal('SIGTERM');
  await app.exited;
  expect(app.stdout).not.toContain('WARN');
});
