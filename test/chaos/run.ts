import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FAILURE_KINDS, type RequestFailure } from '../../build/cli/verify/load/request-failure.js';
import { Load } from '../../build/cli/verify/load/load.js';
import { Tally } from '../../build/cli/verify/load/tally.js';
import { loadWebSocket } from '../../build/cli/verify/load/clients/connect-web-socket.js';
import { freePort } from '../support/free-port.mjs';
import { FaultProxy } from '../support/fault-proxy.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { Buyer } from './buyer.js';
import { ClockSteps } from './clock-steps.js';
import { Excuses } from './excuses.js';
import { FAULTS, type Scene } from './faults.js';
import { Host } from './host.js';
import { judgeCounter, judgeLock, judgeTopic, type Judgement } from './judgement.js';
import { seededRandom, shuffled } from './random.js';
import { Receipts } from './receipts.js';
import type { ChaosResult } from './result.js';
import type { ChaosSettings } from './settings.js';

const WORKERS = 2;
const BUYERS = 6;
/** Milliseconds after which a request without an answer counts as hung. */
const PATIENCE = 20_000;
/** Milliseconds between two faults. */
const REST = 500;
const BODY_BYTES = 65_536;

const MAIN = new URL('../apps/chaos/main.js', import.meta.url).pathname;

/** Runs the application, injects faults for the given time, and checks the results. */
export async function run(
  settings: ChaosSettings,
  progress: (text: string) => void,
): Promise<ChaosResult> {
  const directory = await mkdtemp(join(tmpdir(), 'nestjs-cluster-chaos-'));
  try {
    return await new ChaosRun(settings, directory, progress).run();
  } finally {
    await FaultProxy.stopAll();
    await RedisServer.stopAll();
    await rm(directory, { recursive: true, force: true });
  }
}

class ChaosRun {
  readonly #excuses = new Excuses();
  readonly #tally = new Tally(this.#excuses);
  readonly #receipts = new Receipts();
  readonly #random: () => number;
  readonly #injected = new Map<string, number>();
  readonly #pausedPids = new Set<number>();
  readonly #clocks: ClockSteps;
  readonly #buyerFailures: (RequestFailure & { readonly at: number })[] = [];

  constructor(
    private readonly settings: ChaosSettings,
    private readonly directory: string,
    private readonly progress: (text: string) => void,
  ) {
    this.#random = seededRandom(settings.seed);
    this.#clocks = new ClockSteps(directory);
  }

  async run(): Promise<ChaosResult> {
    const redis = this.settings.backend === 'redis' ? await this.#startRedis() : undefined;
    const port = await freePort();
    const host = await Host.start({
      main: MAIN,
      workers: WORKERS,
      env: { ...this.#environment(port), ...(redis && { CLUSTER_REDIS_URL: redis.proxy.url }) },
      ...(this.settings.verbose && { onOutput: text => void process.stderr.write(text) }),
    });
    const killAll = (): void => host.kill();
    process.once('exit', killAll);
    const url = new URL(`http://127.0.0.1:${port}/`);
    const scene: Scene = {
      host,
      workers: WORKERS,
      excuses: this.#excuses,
      random: this.#random,
      clocks: this.#clocks,
      pausedPids: this.#pausedPids,
      ...(redis && { redis }),
    };
    const problems: string[] = [];
    const begunAt = performance.now();
    const judgements: Judgement[] = [];
    const load = await this.#load(url);
    try {
      await this.#disturb(scene, begunAt + this.settings.duration);
      problems.push(...(await load.away()));
    } catch (error) {
      problems.push(`${(error as Error).message}\nLast output:\n${host.output}`);
    }
    const duration = performance.now() - begunAt;
    this.progress('stopping the load');
    await load.stop();
    if (problems.length === 0) {
      this.progress('checking the results');
      const count = await finalCount(url);
      judgements.push(
        judgeCounter(this.#receipts, count),
        await judgeTopic(this.directory, this.#receipts),
        await judgeLock(this.directory, this.#pausedPids),
      );
    }
    if ((await host.stop()) === 'killed') {
      problems.push('The host did not stop in time, and was killed.');
    }
    process.off('exit', killAll);
    return this.#result(duration, judgements, problems);
  }

  async #startRedis(): Promise<NonNullable<Scene['redis']>> {
    const server = await RedisServer.start({ persistent: true });
    return { server, proxy: await FaultProxy.start({ host: '127.0.0.1', port: server.port }) };
  }

  #environment(port: number): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NO_COLOR: '1',
      PORT: String(port),
      CLUSTER_WORKERS: String(WORKERS),
      CLUSTER_HEARTBEAT_TIMEOUT: '6000',
      // A host that its service manager kills and restarts must not give up.
      CLUSTER_RESTART_GIVE_UP_AFTER: '1000',
      CHAOS_RECORDS: this.directory,
      FIXTURE: JSON.stringify({ webSockets: true }),
      NODE_OPTIONS: this.#clocks.nodeOptions,
      ...this.#clocks.environment,
    };
  }

  async #load(url: URL) {
    const upload = JSON.stringify({ upload: 'x'.repeat(BODY_BYTES) });
    const load = new Load(
      url,
      {
        patience: PATIENCE,
        path: '/hello?ms=5',
        keepAlive: 12,
        oneShot: 6,
        pause: 20,
        uploads: {
          count: 3,
          path: '/upload',
          type: 'application/json',
          body: Buffer.from(upload),
        },
        sse: { count: 4, path: '/ticks' },
        webSockets: { count: 4, path: '/', message: JSON.stringify({ event: 'echo', data: 1 }) },
      },
      this.#tally,
      await loadWebSocket(),
    );
    const buyers = Array.from(
      { length: BUYERS },
      () =>
        new Buyer({
          url: new URL('/orders', url),
          patience: PATIENCE,
          receipts: this.#receipts,
          onFailure: requestFailure => this.#onBuyerMishap(requestFailure),
        }),
    );
    this.#tally.phase = 'rest';
    load.start();
    const buying = Promise.all(buyers.map(buyer => buyer.run()));
    return {
      away: async () =>
        (await load.connected(PATIENCE)).map(
          kind => `A client (${kind}) is not connected at the end.`,
        ),
      stop: async () => {
        buyers.forEach(buyer => buyer.stop());
        await Promise.all([load.stop(), buying]);
      },
    };
  }

  async #disturb(scene: Scene, until: number): Promise<void> {
    const { backend } = this.settings;
    const faults = FAULTS.filter(({ backends }) => backends.includes(backend));
    while (performance.now() < until) {
      for (const fault of shuffled(faults, this.#random)) {
        if (performance.now() >= until) {
          break;
        }
        this.progress(fault.name);
        try {
          await fault.inject(scene);
        } catch (error) {
          throw new Error(`After "${fault.name}": ${(error as Error).message}`, { cause: error });
        }
        this.#injected.set(fault.name, (this.#injected.get(fault.name) ?? 0) + 1);
        await delay(REST);
      }
    }
  }

  #onBuyerMishap(requestFailure: RequestFailure): void {
    const at = Date.now();
    if (!this.#excuses.explain(requestFailure, at)) {
      this.#buyerFailures.push({ ...requestFailure, at });
    }
  }

  #result(
    duration: number,
    judgements: readonly Judgement[],
    problems: readonly string[],
  ): ChaosResult {
    const clients = this.#tally.counts();
    const failures = [
      ...this.#tally.failures,
      ...this.#buyerFailures.map(failure => ({ ...failure, client: 'buyer' as const })),
    ];
    const violations = judgements.flatMap(judgement => judgement.violations);
    return {
      settings: this.settings,
      duration,
      passed: failures.length === 0 && violations.length === 0 && problems.length === 0,
      injected: this.#injected,
      clients: {
        ...Object.fromEntries(
          Object.entries(clients).map(([kind, { clients: count, answered, failures: failed }]) => [
            kind,
            {
              clients: count,
              answered,
              failed: FAILURE_KINDS.reduce((sum, name) => sum + failed[name], 0),
            },
          ]),
        ),
        buyer: {
          clients: BUYERS,
          answered: this.#receipts.orders,
          failed: this.#buyerFailures.length,
        },
      },
      explained: this.#excuses.explained,
      refused: this.#receipts.refused,
      ambiguous: this.#receipts.ambiguous,
      facts: judgements.flatMap(judgement => judgement.facts),
      failures,
      violations,
      problems,
    };
  }
}

async function finalCount(url: URL): Promise<number> {
  const response = await fetch(new URL('/orders/count', url), { headers: { Connection: 'close' } });
  if (!response.ok) {
    throw new Error(`The final value of the counter could not be read: status ${response.status}.`);
  }
  return ((await response.json()) as { readonly count: number }).count;
}
