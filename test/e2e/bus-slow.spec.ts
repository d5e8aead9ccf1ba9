import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FloodReport } from '../fixtures/apps/bus/flood.js';
import type { Arrival } from '../fixtures/apps/bus/journal.js';
import { Application } from '../support/application.js';
import { PeakMemory, tellsPeakMemory } from '../support/peak-memory.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { ascending, upTo } from '../support/numbers.js';
import { numbersOf, RemoteBus, type RemoteInbox } from '../support/remote-bus.js';

const MB = 1024 * 1024;
/** Two seconds of events, which those who listen need not be any faster than on a machine that is busy. */
const QUEUE = 12 * MB;
/** 30 seconds of events: 1,500 of 120 kB each, or 180 MB. */
const PER_SECOND = 50;
const COUNT = 30 * PER_SECOND;
const PADDING = 120_000;
/**
 * Few, because each event has 5 seconds and waits for those before it: on a busy machine, the flood takes longer
 * instead of failing.
 */
const IN_FLIGHT = 10;
/**
 * Of each process, with what it needs at the start. On a busy machine, V8 leaves garbage for as long as it has room,
 * which makes it look like what is held. All events together do not fit in here.
 */
const HEAP = 96 * MB;
/** By how much a process may grow: that heap, what V8 has beside it for what is young, and buffers. */
const BOUND = 150 * MB;
/** Milliseconds that an event may take to those who listen, on a machine that is busy. */
const PROMPT = 5_000;

/** One worker publishes; one has a handler that does not end; one is stopped altogether. */
class SlowRun {
  static async start(env: Readonly<Record<string, string>>): Promise<SlowRun> {
    const bus = await RemoteBus.ready({
      nodeArgs: [`--max-old-space-size=${HEAP / MB}`],
      env: {
        ...env,
        CLUSTER_WORKERS: '3',
        CLUSTER_BUS_MAX_QUEUE_BYTES: String(QUEUE),
        // Who is stopped for half a minute is replaced otherwise.
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
  /** Of the primary, and of both workers with a slow subscriber. */
  growth!: readonly number[];
  /** After the last event of the flood, so that nobody can miss the end of it unnoticed. */
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
        // What does not read loses its connection to Redis, too.
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
