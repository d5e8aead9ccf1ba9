import { howToIgnore } from '../config/doctor-checks.js';
import type { Finding } from './finding.interface.js';
import type { Pool } from './pool.interface.js';

const line = (module: string, entryPoint: string): string =>
  `Add ${module}.forRoot() of nestjs-cluster/${entryPoint} to the imports`;

/** What the doctor reports. @internal */
export const doctorMessages = {
  schedule: (workers: number): Finding => ({
    check: 'schedule',
    what: `ScheduleModule runs each job in all ${workers} workers`,
    remedy: line('ClusterScheduleModule', 'schedule'),
  }),
  throttler: (workers: number): Finding => ({
    check: 'throttler',
    what: `ThrottlerModule counts in the memory of each worker, so a limit of 10 lets ${workers * 10} requests pass`,
    remedy: line('ClusterThrottlerModule', 'throttler'),
  }),
  cache: (): Finding => ({
    check: 'cache',
    what: 'CacheModule caches in the memory of each worker, so after a change the others return old values',
    remedy:
      "Set its option stores to [new Keyv({ store: new ClusterCacheStore(state, { name: 'http' }) })], with ClusterCacheStore of nestjs-cluster/cache",
  }),
  session: (): Finding => ({
    check: 'session',
    what: 'express-session keeps sessions in the memory of each worker (MemoryStore), so a user is logged in only in one of them',
    remedy:
      'Give session() the option store: new ClusterSessionStore(app.get(SharedState)), of nestjs-cluster/session',
  }),
  socketIo: (): Finding => ({
    check: 'socket.io',
    what: 'Socket.IO allows long polling, and the requests of one session reach different workers, which answer "Session ID unknown"',
    remedy: line('ClusterSocketIoModule', 'socket.io'),
  }),
  graphql: (): Finding => ({
    check: 'graphql',
    what: 'PubSub of graphql-subscriptions publishes in one worker, so the clients of the others do not get the event',
    remedy: 'Replace it by new ClusterPubSub(bus), of nestjs-cluster/graphql',
  }),
  redisEviction: (policy: string, limit: number): Finding => ({
    check: 'redis-eviction',
    subject: policy,
    what: `The Redis server evicts keys when it has used up its ${Math.round(limit / 2 ** 20)} MB (maxmemory-policy ${policy}): counters and locks may be deleted silently, and operations may be applied twice`,
    remedy: 'Set maxmemory-policy noeviction, or use a separate server for nestjs-cluster',
  }),
  promClient: (workers: number): Finding => ({
    check: 'prom-client',
    what: `The default registry of prom-client has the metrics of one worker, and each scrape reaches one of ${workers}`,
    remedy: line('ClusterMetricsModule', 'metrics'),
  }),
  typeormMigrations: (options: readonly string[], workers: number): Finding => ({
    check: 'typeorm-migrations',
    subject: options.join(),
    what: `TypeORM changes the schema when it connects (${options.map(name => `${name}: true`).join(', ')}), in all ${workers} workers at the same time`,
    remedy:
      "Remove the option, and run migrations once, in main.ts before Nest: await clusterOnce('migrations', () => runMigrations())",
  }),
  databasePools: (pools: readonly Pool[], workers: number): Finding => ({
    check: 'database-pools',
    subject: pools.map(({ owner, size }) => `${owner} ${size}`).join(),
    what: pools
      .map(
        ({ owner, size, database: { name, limit } }) =>
          `${owner}: ${size} connections × ${workers} workers = ${size * workers}, and ${name} accepts ${limit} by default (max_connections)`,
      )
      .join('; '),
    remedy: `${pools
      .map(
        ({ option, database: { limit } }) =>
          `Set ${option} to ${Math.max(1, Math.floor(limit / workers))} or less`,
      )
      .join('; ')}, or ignore this if the server accepts more`,
  }),
};

/** Returns a finding as a line of the log: what is wrong, how to make it right, and how to ignore it. @internal */
export function renderFinding({ check, what, remedy }: Finding): string {
  return `${what}. ${remedy}. ${howToIgnore(check)}`;
}
