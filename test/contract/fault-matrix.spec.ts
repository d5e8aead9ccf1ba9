import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { RedisKeys } from '../../src/state/backends/redis/redis-keys.js';
import { Application } from '../support/application.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { RedisCluster } from '../support/redis/redis-cluster.js';
import { RedisSentinel } from '../support/redis/redis-sentinel.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { FaultRun, type Kind, KINDS, type Verdict } from './fault-run.js';

/** `npm run docs:faults` writes the table to the page. All other runs compare their table with the page. */
const WRITES = process.env['WRITE_FAULT_MATRIX'] === '1';
const PAGE = fileURLToPath(new URL('../../docs/state.md', import.meta.url));
const MARKS = /(<!-- faults -->\n)([^]*?)(\n<!-- \/faults -->)/;

const STRIKES = 6;
const PAUSE = 5_000;

interface Fault {
  readonly name: string;
  readonly backend: 'memory' | 'Redis';
  make(): Promise<FaultRun>;
}

const env = (url: string): Record<string, string> => ({
  CLUSTER_REDIS_URL: url,
  CLUSTER_NAMESPACE: randomUUID(),
});

/** Starts a server that writes each change to disk before it acknowledges the change. */
async function withServer(): Promise<{ server: RedisServer; proxy: FaultProxy; run: FaultRun }> {
  const server = await RedisServer.start({ persistent: true });
  const proxy = await FaultProxy.start({ host: '127.0.0.1', port: server.port });
  return { server, proxy, run: await FaultRun.start(env(proxy.url)) };
}

async function killWorker(run: FaultRun): Promise<void> {
  const [victim] = run.workers;
  process.kill(victim!, 'SIGKILL');
  await run.app.until(() => run.app.count('workerReady') === 3);
}

const FAULTS: readonly Fault[] = [
  {
    name: 'the reply is lost',
    backend: 'Redis',
    make: async () => {
      const { proxy, run } = await withServer();
      for (let strike = 1; strike <= STRIKES; strike++) {
        proxy.loseNextReply({ containing: 'evalsha' });
        await run.app.until(() => proxy.struck === strike);
        await run.untilBusy();
      }
      return run;
    },
  },
  {
    name: 'the connection is cut in the middle of a batch',
    backend: 'Redis',
    make: async () => {
      const { proxy, run } = await withServer();
      for (let strike = 1; strike <= STRIKES; strike++) {
        proxy.cutMidRequest(strike * 25, { containing: 'evalsha' });
        await run.app.until(() => proxy.struck === strike);
        await run.untilBusy();
      }
      return run;
    },
  },
  {
    name: 'the server is killed and restarted',
    backend: 'Redis',
    make: async () => {
      const { server, run } = await withServer();
      await server.kill();
      await server.restart();
      return run;
    },
  },
  {
    name: 'the server is paused for 5 s',
    backend: 'Redis',
    make: async () => {
      const { server, run } = await withServer();
      await server.pause();
      await delay(PAUSE);
      server.resume();
      return run;
    },
  },
  {
    name: 'a worker is killed',
    backend: 'Redis',
    make: async () => {
      const { run } = await withServer();
      await killWorker(run);
      return run;
    },
  },
  {
    name: 'the master is killed, a replica takes over',
    backend: 'Redis',
    make: async () => {
      const sentinel = await RedisSentinel.start({ replicas: 2 });
      const { sentinels, name } = sentinel;
      const run = await FaultRun.start({
        REDIS: JSON.stringify({ sentinels, name }),
        CLUSTER_NAMESPACE: randomUUID(),
        CLUSTER_STATE_REPLICAS: '1',
      });
      const killed = await sentinel.killMaster();
      await sentinel.untilMaster(killed);
      return run;
    },
  },
  {
    name: 'each master of a Cluster hands over to its replica',
    backend: 'Redis',
    make: async () => {
      // On a busy machine, no other replica may take over.
      const cluster = await RedisCluster.start({ nodeTimeout: 15_000 });
      const namespace = randomUUID();
      const run = await FaultRun.start({
        REDIS: JSON.stringify({ cluster: cluster.seeds }),
        CLUSTER_NAMESPACE: namespace,
      });
      const keys = new RedisKeys(namespace, true);
      for (const key of ['counter', 'bounded', 'update']) {
        await cluster.failover(keys.data(key));
        await run.untilBusy();
      }
      await cluster.failover(keys.of('lock', 'lock:lock'));
      return run;
    },
  },
  {
    name: 'the server is paused for 5 s',
    backend: 'memory',
    make: async () => {
      const run = await FaultRun.start({});
      run.app.signal('SIGSTOP');
      await delay(PAUSE);
      run.app.signal('SIGCONT');
      return run;
    },
  },
  {
    name: 'a worker is killed',
    backend: 'memory',
    make: async () => {
      const run = await FaultRun.start({});
      await killWorker(run);
      return run;
    },
  },
];

const results = new Map<Fault, Record<Kind, Verdict>>();

describe('acknowledged operations are applied once, and every call settles', () => {
  // At the same time, because most of them wait.
  it.concurrent.for(FAULTS)(
    'when $name ($backend)',
    { timeout: 90_000 },
    async (fault, { onTestFinished }) => {
      const run = await fault.make();
      onTestFinished(() => run.app.end());
      await run.untilBusy();
      const verdicts = await run.verdicts();
      results.set(fault, verdicts);
      for (const kind of KINDS) {
        expect({ kind, ...verdicts[kind] }).toMatchObject({
          kind,
          missing: 0,
          twice: 0,
          unsettled: 0,
        });
        expect(verdicts[kind].acknowledged).toBeGreaterThan(5);
      }
      expect(run.app.noted('unhandled')).toEqual([]);
    },
  );
});

afterAll(async () => {
  await Application.endAll();
  await FaultProxy.stopAll();
  await RedisServer.stopAll();
});

afterAll(async () => {
  if (results.size < FAULTS.length) {
    return;
  }
  const page = await readFile(PAGE, 'utf8');
  if (WRITES) {
    await writeFile(
      PAGE,
      page.replace(MARKS, (_, begin, __, end) => `${begin}${table()}${end}`),
    );
  } else {
    expect(MARKS.exec(page)?.[2]).toBe(table());
  }
});

function table(): string {
  const lines = FAULTS.map(fault => {
    const cells = KINDS.map(kind => {
      const { missing, twice, unsettled } = results.get(fault)![kind];
      return `${missing} / ${twice} / ${unsettled}`;
    });
    return [fault.name, fault.backend, ...cells];
  });
  const rows = [
    ['when', 'backend', 'counter', 'bounded counter', 'lock', 'update'],
    ['---', '---', '---', '---', '---', '---'],
    ...lines,
  ];
  return rows.map(cells => `| ${cells.join(' | ')} |`).join('\n');
}
