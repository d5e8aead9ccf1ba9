import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpConnections } from '../../../src/drain/http/http-connections.js';
import type { OverviewUpdate } from '../../../src/overview/overview.interface.js';
import { overviewFeedOf, type OverviewRuntime } from '../../../src/overview/overview-feed.js';
import { EventLoopSampler } from '../../../src/runtime/vitals/event-loop-sampler.js';
import { Vitals } from '../../../src/runtime/vitals/vitals.js';
import { LocalHost } from '../../../src/single/local-host.js';
import { IpcExecutor } from '../../../src/state/backends/ipc/ipc-executor.js';
import { StateClient } from '../../../src/state/client/state-client.js';
import { perform } from '../../../src/state/objects/perform.js';
import { openStates } from '../../../src/state/open-states.js';
import { systemClock } from '../../../src/system/time/clock.js';

let host: LocalHost;
let runtime: OverviewRuntime;
let client: StateClient;
let leave: () => Promise<void>;

beforeEach(() => {
  const worker = { slot: 0, generation: 0, id: 0, pid: process.pid };
  const connections = new HttpConnections();
  const options = { state: { maxMemory: 2 ** 24 }, events: {} } as never;
  host = new LocalHost(worker, options, systemClock, { error: () => {} });
  host.vitals = new Vitals(new EventLoopSampler(), () => connections.requests);
  leave = () => Promise.resolve();
  const lifecycle = { beforeLeft: (task: () => Promise<void>) => (leave = task) };
  runtime = { mode: 'single', worker, host, connections, lifecycle: lifecycle as never };
  client = new StateClient(new IpcExecutor(host.channel), 1_000, 0);
  openStates.add(host, client);
});

afterEach(async () => {
  await leave();
  await client.close();
});

const updated = (): Promise<OverviewUpdate> =>
  new Promise(resolve => {
    const stop = overviewFeedOf(runtime).watch(update => {
      stop();
      resolve(update);
    });
  });

describe('the feed of a dashboard in single mode', () => {
  it('is one for all parts of the process', async () => {
    expect(overviewFeedOf(runtime)).toBe(overviewFeedOf(runtime));
    const before = overviewFeedOf(runtime);
    await leave();
    expect(overviewFeedOf(runtime)).not.toBe(before);
  });

  it('tells what the process measures itself, and its events', async () => {
    host.ready();
    const { workers, host: described } = await updated();
    expect(described).toMatchObject({ pid: process.pid, state: 'running', wanted: 1, ready: 1 });
    expect(workers).toMatchObject([{ slot: 0, state: 'ready', inFlight: 0 }]);
    expect(workers[0]!.vitals!.memory).toBeGreaterThan(1e6);
    const overview = await overviewFeedOf(runtime).snapshot();
    expect(overview.events.map(({ event }) => event.type)).toEqual(['workerReady']);
    expect(overview.history.at(-1)!.slots[0]![0]).toBeGreaterThan(1e6);
    expect(overview.reload).toBeNull();
  });

  it('tells the connections of the last update', async () => {
    host.ready();
    await updated();
    const stop = overviewFeedOf(runtime).watch(() => {});
    await updated();
    const { workers } = await overviewFeedOf(runtime).connections();
    const none = { open: 0, idle: 0, inFlight: 0, webSockets: 0, messages: 0 };
    expect(workers).toEqual([{ slot: 0, pid: process.pid, state: 'ready', ...none }]);
    expect(await overviewFeedOf(runtime).topics()).toEqual({ topics: [], silent: [] });
    stop();
  });

  it('tells the shared state with its holders and hit rates, and values on request', async () => {
    const lock = { lease: 60_000, wait: 0, owner: `${client.id}.1` };
    await perform(client, 'a lock', { name: 'lockAcquire', key: 'lock:seats', ...lock });
    const cached = { key: 'users', stale: 0, maxEntries: 5 };
    await perform(client, 'a cache', { name: 'cacheSet', field: 'a', value: '1', ...cached });
    client.cacheReads.of('users').hits += 3;
    client.cacheReads.of('users').misses += 1;
    const feed = overviewFeedOf(runtime);
    const stop = feed.watch(() => {});
    await updated();
    const { entries, ...rest } = await feed.state();
    expect(rest).toEqual({ backend: 'memory', isTruncated: false });
    expect(entries).toMatchObject([
      {
        kind: 'lock',
        key: 'seats',
        holders: [expect.stringContaining(`slot 0 (pid ${process.pid}) of `)],
        waiting: 0,
      },
      { kind: 'cache', key: 'users', size: 1, hitRate: 0.75 },
    ]);
    expect(await feed.value('value', 'gone')).toEqual({
      kind: 'value',
      key: 'gone',
      text: null,
      isTruncated: false,
    });
    await perform(client, 'a value', { name: 'set', key: 'v', value: '[1]' });
    expect(await feed.value('value', 'v')).toMatchObject({ text: '[1]' });
    stop();
  });
});
