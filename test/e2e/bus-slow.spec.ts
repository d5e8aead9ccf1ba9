import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FloodReport } from '../fixtures/apps/bus/flood.js';
import type { Arrival } from '../fixtures/apps/bus/journal.js';
import { Application } from '../support/application.js';
import { PeakMemory, tellsPeakMemory } from '../support/peak-memory.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { ascending, upTo } from '../support/numbers.js';
import { numbersOf, RemoteBus, type RemoteInbox } from '../support/remote-bus.js';

const MB = 1024 * 1024;
/** Two seconds of events, so that subscribers that keep up have enough time on a busy machine. */
const QUEUE = 12 * MB;
/** 30 seconds of events: 1,500 of 120 kB each, or 180 MB. */
const PER_SECOND = 50;
const COUNT = 30 * PER_SECOND;
const PADDING = 120_000;
/**
 * The limit is low because each event has 5 seconds and waits for those before it. On a busy machine, the flood takes
 * longer instead of failing.
 */
const IN_FLIGHT = 10;
/**
 * The heap limit of each process, including the memory that it needs at its start. On a busy machine, V8 leaves garbage
 * in the heap while there is room, and the garbage looks like retained memory. All events together exceed this limit.
 */
const HEAP = 96 * MB;
/** Bytes by which a process may grow: that heap, the young generation of V8, and buffers. */
const BOUND = 150 * MB;
/** Milliseconds within which an event reaches the subscribers that keep up, even on a busy machine. */
const PROMPT = 5_000;

/** One worker publishes, one has a handler that does not settle, and the process of one is stopped. */
class SlowRun {
  static async start(env: Readonly<Record<string, string>>): Promise<SlowRun> {
    const bus = await RemoteBus.ready({
      nodeArgs: [`--max-old-space-size=${HEAP / MB}`],
      env: {
        ...env,
        CLUSTER_WORKERS: '3',
        CLUSTER_BUS_MAX_QUEUE_BYTES: String(QUEUE),
        // With heartbeats, the worker that is stopped for half a minute would be replaced.
        CLUSTER_HEARTBEAT_INTERVAL: '0',
      },
    });
    const [sender, busy, stopped] = bus.members;
    const run = new SlowRun(
      bus,
      [await sender!.subscribe('big'), await busy!.subscribe('big')],
      await busy!.subscribe('big', { hold: true }),
      await stopped!.subscribe('big'),
    );
    await run.#floodWhileSlow();
    return run;
  }

  report!: FloodReport;
  /** The memory growth of the primary and of both workers with a slow subscriber, in bytes. */
  growth!: readonly number[];
  /** The number of published events. Those after the flood reveal whether a subscriber missed the end of the flood. */
  total = COUNT;

  private constructor(
    readonly bus: RemoteBus,
    readonly listening: readonly RemoteInbox[],
    readonly held: RemoteInbox,
    readonly stopped: RemoteInbox,
  ) {}

  async #floodWhileSlow(): Promise<void> {
    const { bus, held, stopped } = this;
    const [sender] = bus.members;
    await sender!.publish('big', { n: -1, at: Date.now() });
    this.total++;
    await Promise.all([held.until(1), stopped.until(1)]);
    const pids = [bus.app.pid, held.member.pid, stopped.member.pid];
    const peaks = tellsPeakMemory ? pids.map(pid => new PeakMemory(pid)) : [];
    stopped.member.kill('SIGSTOP');
    const options = { count: COUNT, perSecond: PER_SECOND, padding: PADDING, inFlight: IN_FLIGHT };
    this.report = await (await sender!.flood('big', options)).finished();
    expect(this.report.failed).toEqual([]);
    await Promise.all(this.listening.map(inbox => inbox.until(COUNT + 1)));
    stopped.member.kill('SIGCONT');
    await held.release();
    await this.#untilThereAgain();
    this.growth = peaks.map(peak => peak.growth);
  }

  async #untilThereAgain(): Promise<void> {
    const [sender] = this.bus.members;
    for (const inbox of [this.held, this.stopped]) {
      await inbox.untilTally(tally => tally.arrived + tally.missed >= COUNT - 1);
      const n = this.total++;
      await sender!.publish('big', { n, at: Date.now() });
      await inbox.untilArrivals(arrivals => numbersOf(arrivals).at(-1) === n);
    }
  }
}

const BACKENDS = {
  memory: async () => ({}),
  Redis: async () => ({
    CLUSTER_REDIS_URL: (await RedisServer.start()).url,
    CLUSTER_NAMESPACE: randomUUID(),
  }),
};

type Name = keyof typeof BACKENDS;

const NAMES = Object.keys(BACKENDS) as Name[];

describe('subscribers that do not keep up for half a minute', () => {
  let runs: Partial<Readonly<Record<Name, SlowRun>>> = {};

  beforeAll(async () => {
    const [memory, Redis] = await Promise.all(
      NAMES.map(async name => SlowRun.start(await BACKENDS[name]())),
    );
    runs = { memory: memory!, Redis: Redis! };
  }, 150_000);

  afterAll(async () => {
    const unhandled = Object.values(runs).flatMap(({ bus }) => bus.app.noted('unhandled'));
    await Application.endAll();
    await RedisServer.stopAll();
    expect(unhandled).toEqual([]);
  });

  describe.each(NAMES)('(%s)', name => {
    it('do not delay others', async () => {
      const { listening, report } = runs[name]!;
      expect(report).toEqual({ published: COUNT, failed: [] });
      for (const inbox of listening) {
        const arrivals = (await inbox.arrivals()).slice(1, COUNT + 1);
        expect(numbersOf(arrivals)).toEqual(upTo(COUNT));
        expect(Math.max(...arrivals.map(latency))).toBeLessThan(PROMPT);
        expect((await inbox.tally()).gaps).toEqual([]);
      }
    });

    it.each(['held', 'stopped'] as const)(
      'are told how many they have missed: one with a handler or a process that is %s',
      async kind => {
        const { [kind]: inbox, total } = runs[name]!;
        const { arrived, missed, gaps } = await inbox.tally();
        expect(arrived + missed).toBe(total);
        expect(missed).toBeGreaterThan(COUNT / 2);
        const numbers = numbersOf(await inbox.arrivals());
        expect(numbers).toEqual(ascending(new Set(numbers)));
        const reasons = new Set(gaps.map(({ reason }) => reason));
        // A process that does not read loses its connection to Redis, too.
        reasons.delete('connection');
        expect(kind === 'held' || name === 'memory' ? reasons : new Set(['slow'])).toEqual(
          new Set(['slow']),
        );
      },
    );

    (tellsPeakMemory ? it : it.skip)('cost no memory but for their queues', () => {
      for (const growth of runs[name]!.growth) {
        expect(growth).toBeLessThan(BOUND);
      }
    });
  });
});

function latency({ payload, at }: Arrival): number {
  return at - (payload as { readonly at: number }).at;
}
