import { afterEach, describe, expect, it } from 'vitest';
import { Injectable } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { CqrsModule } from '@nestjs/cqrs';
import { ScheduleModule } from '@nestjs/schedule';
import { Test, type TestingModule } from '@nestjs/testing';
import { ThrottlerModule } from '@nestjs/throttler';
import { ClusterCqrsModule } from '../../../src/cqrs/index.js';
import { ClusterDashboardModule } from '../../../src/dashboard/index.js';
import { EventEmitterBridgeModule } from '../../../src/event-emitter/index.js';
import { ClusterPubSub } from '../../../src/graphql/index.js';
import { ClusterHealthModule } from '../../../src/health/index.js';
import {
  ClusterBus,
  ClusterModule,
  ClusterService,
  Counter,
  getCounterToken,
  InjectCounter,
  SharedState,
} from '../../../src/index.js';
import { ClusterMetricsModule } from '../../../src/metrics/index.js';
import { ClusterScheduleModule } from '../../../src/schedule/index.js';
import { ClusterSocketIoModule } from '../../../src/socket.io/index.js';
import { ClusterThrottlerModule, ClusterThrottlerStorage } from '../../../src/throttler/index.js';

@Injectable()
class Visits {
  constructor(
    @InjectCounter('partial-mocks.visits', { min: 0 }) readonly bounded: Counter,
    @InjectCounter('partial-mocks.plain') readonly plain: Counter,
  ) {}
}

let app: TestingModule | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function withMocks(
  mocks: readonly (readonly [token: unknown, mock: unknown])[],
  imports: readonly unknown[] = [],
): Promise<TestingModule> {
  const builder = Test.createTestingModule({
    imports: [ClusterModule.forRoot(), ...(imports as [])],
    providers: [Visits],
  }).setLogger({ log() {}, warn() {}, error() {} });
  mocks.forEach(([token, mock]) => builder.overrideProvider(token).useValue(mock));
  app = await builder.compile();
  return app.init();
}

const ALL_MODULES = [
  ThrottlerModule.forRoot([{ limit: 1, ttl: 60_000 }]),
  ClusterThrottlerModule.forRoot(),
  EventEmitterModule.forRoot(),
  EventEmitterBridgeModule.forRoot({ events: ['order.*'] }),
  CqrsModule.forRoot(),
  ClusterCqrsModule,
  ScheduleModule.forRoot(),
  ClusterScheduleModule,
  ClusterMetricsModule.forRoot(),
  ClusterHealthModule.forRoot(),
  ClusterDashboardModule.forRoot(),
  ClusterSocketIoModule.forRoot(),
];

describe('An application whose injectables are mocked in part', () => {
  it.each([
    ['SharedState', SharedState],
    ['ClusterBus', ClusterBus],
    ['ClusterService', ClusterService],
  ])('starts with all modules of this package: %s', async (_, token) => {
    const mock = { get: async () => 5 };
    const module = await withMocks([[token, mock]], ALL_MODULES);
    expect(module.get<unknown>(token)).toBe(mock);
    const storage = module.get(ClusterThrottlerStorage, { strict: false });
    expect(await storage.increment('k', 60_000, 1, 0, 'default')).toMatchObject({ totalHits: 1 });
  });

  it('reads the hosts without the mock of SharedState', async () => {
    const module = await withMocks([[SharedState, {}]]);
    expect(await module.get(ClusterService).fleet()).toMatchObject({ hosts: [{}] });
  });

  it('has near caches without the mock of ClusterBus', async () => {
    const module = await withMocks([[ClusterBus, {}]]);
    const cache = module.get(SharedState).cache('partial-mocks', { ttl: 60_000 });
    await cache.set('k', 1);
    expect(await cache.wrap('k', () => 2)).toBe(1);
  });

  it('fails only where a counter is used that a mock of SharedState does not have', async () => {
    const { bounded, plain } = (await withMocks([[SharedState, { get: async () => 5 }]])).get(
      Visits,
    );
    expect(bounded).toBeInstanceOf(Counter);
    expect(bounded.name).toBe('partial-mocks.visits');
    await expect(bounded.increment()).rejects.toThrow(
      'getCounterToken("partial-mocks.visits", {"min":0})',
    );
    await expect(plain.get()).rejects.toThrow('getCounterToken("partial-mocks.plain")');
  });

  it.each([[null], [5]])('fails no earlier if the mock is no object: %j', async mock => {
    const { plain } = (await withMocks([[SharedState, mock]])).get(Visits);
    await expect(plain.increment()).rejects.toMatchObject({ code: 'CLUSTER_CONFIG' });
  });

  it('takes the counters of a mock that has them', async () => {
    const counter = { increment: async () => 7 };
    const { plain } = (await withMocks([[SharedState, { counter: () => counter }]])).get(Visits);
    expect(plain).toBe(counter);
  });

  it('takes a counter that is overridden alone', async () => {
    const counter = { increment: async () => 7 };
    const token = getCounterToken('partial-mocks.plain');
    const visits = (await withMocks([[token, counter]])).get(Visits);
    expect(visits.plain).toBe(counter);
    expect(await visits.bounded.increment()).toBeGreaterThan(0);
  });

  it('makes a ClusterPubSub for a mock of ClusterBus', () => {
    expect(new ClusterPubSub({ publish: async () => {} } as never)).toBeInstanceOf(ClusterPubSub);
  });
});
