/**
 * `npm run verify:once`: an application with 4 workers migrates a PostgreSQL database through `clusterOnce()` each time that it
 * is started, and in a reload. It is started on one host, with a primary that does not load it, and on two hosts with Redis.
 *
 * `STARTS` is the number of starts (20).
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application } from '../support/application.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { PostgresServer } from '../support/postgres-server.js';

const starts = Number(process.env['STARTS'] ?? 20);

const WORKERS = 4;
const CONTROLS = 3;

const EARLY = ['--import', fileURLToPath(new URL('../../dist/start.js', import.meta.url))];

interface Way {
  readonly name: string;
  readonly hosts: number;
  readonly nodeArgs?: readonly string[];
}

const WAYS: readonly Way[] = [
  { name: 'one host', hosts: 1 },
  { name: 'one host, nestjs-cluster start', hosts: 1, nodeArgs: EARLY },
  { name: 'two hosts with Redis', hosts: 2 },
  { name: 'two hosts with Redis, nestjs-cluster start', hosts: 2, nodeArgs: EARLY },
];

const postgres = await PostgresServer.start();
const redis = await RedisServer.start();
const directory = await mkdtemp(join(tmpdir(), 'nestjs-cluster-'));
const RELEASE = join(directory, 'release');

/** Starts the application in a new release, and returns its hosts when they are ready. */
async function start({ hosts, nodeArgs = [] }: Way, release: string, each = false) {
  await writeFile(RELEASE, release);
  const env = {
    CLUSTER_WORKERS: String(WORKERS),
    CLUSTER_NAMESPACE: 'verify-once',
    DATABASE_URL: postgres.url,
    RELEASE,
    ...(each && { EACH: '1' }),
    ...(hosts > 1 && { CLUSTER_REDIS_URL: redis.url }),
  };
  return Promise.all(
    Array.from({ length: hosts }, () => Application.start('once/migrations', { env, nodeArgs })),
  );
}

async function ready(apps: readonly Application[], workers: number): Promise<void> {
  await Promise.all(apps.map(app => app.until(() => app.count('workerReady') >= workers)));
}

async function reload(apps: readonly Application[], release: string): Promise<void> {
  await writeFile(RELEASE, release);
  apps.forEach(app => app.signal('SIGHUP'));
  await Promise.all(apps.map(app => app.until(() => app.count('reloadFinished') === 1)));
}

/** How often a release was migrated, and what went wrong. */
function facts(apps: readonly Application[], release: string) {
  const of = (what: string) =>
    apps.flatMap(app => app.noted(what)).filter(note => note['release'] === release);
  return { runs: of('migrates').length, collisions: of('collides') };
}

async function verify(turn: number): Promise<boolean> {
  const way = WAYS[turn % WAYS.length]!;
  const releases = [`start ${turn}`, `reload ${turn}`] as const;
  const apps = await start(way, releases[0]);
  await ready(apps, WORKERS);
  await reload(apps, releases[1]);
  apps.forEach(app => app.signal('SIGTERM'));
  const ends = await Promise.all(apps.map(({ exited }) => exited));
  const all = releases.map(release => facts(apps, release));
  const runs = all.map(fact => fact.runs);
  const collisions = all.flatMap(fact => fact.collisions);
  const isGood =
    runs.every(count => count === 1) &&
    collisions.length === 0 &&
    ends.every(({ code }) => code === 0);
  console.log(
    `${String(turn + 1).padStart(3)}  ${way.name.padEnd(45)} migrations run at the start: ${runs[0]}, in the reload: ${runs[1]}; collisions: ${collisions.length}`,
  );
  if (!isGood) {
    console.log(JSON.stringify({ ends, collisions }), apps.map(app => app.output).join('\n'));
  }
  await Application.endAll();
  return isGood;
}

/** The same application without `clusterOnce()`. */
async function control(turn: number): Promise<number> {
  const release = `control ${turn}`;
  const [app] = await start(WAYS[1]!, release, true);
  await app!
    .until(() => facts([app!], release).runs >= WORKERS || app!.count('workerExited') > 0)
    .catch(() => {});
  const { collisions } = facts([app!], release);
  await Application.endAll();
  return collisions.length;
}

let good = 0;
try {
  console.log(`PostgreSQL ${postgres.version}, ${WORKERS} workers on each host, ${starts} starts`);
  for (let turn = 0; turn < starts; turn++) {
    good += (await verify(turn)) ? 1 : 0;
  }
  const rows = await postgres.query('SELECT count(*)::int AS applied FROM migrations');
  console.log(`${good} of ${starts} starts without a collision; applied: ${JSON.stringify(rows)}`);
  let collided = 0;
  for (let turn = 0; turn < CONTROLS; turn++) {
    collided += await control(turn);
  }
  console.log(`Without clusterOnce(), ${CONTROLS} starts: ${collided} collisions`);
  process.exitCode = good === starts && rows[0]?.['applied'] === 2 * starts ? 0 : 1;
} finally {
  await Application.endAll();
  await RedisServer.stopAll();
  await postgres.stop();
  await rm(directory, { recursive: true });
}
