/**
 * `npm run verify:jobs`: scheduled jobs under faults. 4 workers run jobs that are due every second, on one host and on
 * two hosts with Redis, while workers are killed, blocked and reloaded, and Redis is restarted.
 *
 * `JOBS` is the number of jobs (100), `SECONDS` the duration of each of the four runs (100).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Application } from '../support/application.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { type Fault, judge } from './judge.js';

const jobs = Number(process.env['JOBS'] ?? 100);
const seconds = Number(process.env['SECONDS'] ?? 100);

const WORKERS = 4;
const NAMESPACE = 'verify-jobs';

/** Seconds between faults: every tick in between should be undisturbed. */
const PAUSE = 8;

interface Setting {
  readonly hosts: number;
  readonly onLoss: 'skip' | 'rerun';
}

async function verify({ hosts, onLoss }: Setting): Promise<boolean> {
  const redis = hosts > 1 ? await RedisServer.start({ persistent: true }) : undefined;
  const env = {
    CLUSTER_WORKERS: String(WORKERS / hosts),
    CLUSTER_NAMESPACE: NAMESPACE,
    JOBS: String(jobs),
    ON_LOSS: onLoss,
    ...(redis && { CLUSTER_REDIS_URL: redis.url }),
  };
  const apps = await Promise.all(
    Array.from({ length: hosts }, async () => Application.ready('schedule/many', { env })),
  );
  const faults: Fault[] = [];
  const begunAt = Date.now();
  const causes = [kill, reload, block, ...(redis ? [restart(redis)] : [])];
  for (let turn = 0; Date.now() < begunAt + (seconds - PAUSE) * 1_000; turn++) {
    await delay(PAUSE * 1_000);
    const fault = await causes[turn % causes.length]!(apps[turn % apps.length]!);
    faults.push(fault);
    console.log(`  ${new Date(fault.at).toISOString()} ${fault.what}`);
  }
  await delay(PAUSE * 1_000);
  const ends = await Promise.all(
    apps.map(async app => {
      app.signal('SIGTERM');
      return app.exited;
    }),
  );
  const notes = apps.flatMap(app => app.notes);
  await Application.endAll();
  await RedisServer.stopAll();
  const verdict = judge({ notes, faults, onLoss, jobs });
  console.log(verdict.lines.map(line => `  ${line}`).join('\n'));
  const isClean = ends.every(({ code }) => code === 0);
  console.log(isClean ? '  All hosts stopped cleanly' : `  Exit codes: ${JSON.stringify(ends)}`);
  return verdict.isGood && isClean;
}

/** Kills the worker that has begun a job last. */
async function kill(app: Application): Promise<Fault> {
  const before = app.noted('begins').length;
  await app.until(() => app.noted('begins').length > before);
  const { pid } = app.noted('begins').at(-1)!;
  process.kill(pid, 'SIGKILL');
  return { what: 'kill', pid, at: Date.now() };
}

async function reload(app: Application): Promise<Fault> {
  const before = app.count('reloadFinished');
  app.signal('SIGHUP');
  await app.until(() => app.count('reloadFinished') > before);
  return { what: 'reload', at: Date.now() };
}

async function block(app: Application): Promise<Fault> {
  await fetch(app.url('/block?ms=3000'), { method: 'POST' });
  return { what: 'block', at: Date.now() };
}

function restart(redis: RedisServer): () => Promise<Fault> {
  return async () => {
    await redis.kill();
    await redis.restart();
    return { what: 'restart of Redis', at: Date.now() };
  };
}

let isGood = true;
for (const hosts of [1, 2]) {
  for (const onLoss of ['skip', 'rerun'] as const) {
    console.log(
      `${jobs} jobs, ${WORKERS} workers on ${hosts} host${hosts > 1 ? 's with Redis' : ''}, onLoss: '${onLoss}', ${seconds} s`,
    );
    isGood = (await verify({ hosts, onLoss })) && isGood;
  }
}
process.exitCode = isGood ? 0 : 1;
