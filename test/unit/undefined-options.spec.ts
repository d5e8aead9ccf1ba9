import { afterEach, describe, expect, it } from 'vitest';
import { Test, type TestingModule } from '@nestjs/testing';
import { ThrottlerModule } from '@nestjs/throttler';
import { ClusterCacheStore } from '../../src/cache/index.js';
import { DistributedEvent } from '../../src/cqrs/index.js';
import { ClusterDashboardModule } from '../../src/dashboard/index.js';
import { ClusterPubSub } from '../../src/graphql/index.js';
import { ClusterHealthModule } from '../../src/health/index.js';
import {
  ClusterBus,
  ClusterModule,
  type ClusterModuleOptions,
  getCounterToken,
  SharedState,
} from '../../src/index.js';
import { OPTION_RULES } from '../../src/config/option-rules.js';
import { resolveOptions } from '../../src/config/resolve-options.js';
import { ClusterMetricsModule } from '../../src/metrics/index.js';
import { ClusterJob } from '../../src/schedule/index.js';
import { ClusterSocketIoModule } from '../../src/socket.io/index.js';
import { ClusterThrottlerModule } from '../../src/throttler/index.js';
import { isRule, type RuleTable } from '../../src/validation/rule.interface.js';

let app: TestingModule | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

/** What the type check of this file proves, and what happens. */
describe('An option that is undefined', () => {
  const value = undefined;

  it.each([[undefinedIn(OPTION_RULES)], [Object.fromEntries(names(OPTION_RULES))]])(
    'is as one that is left out, in ClusterModule: %j',
    options => {
      expect(resolveOptions(options)).toEqual(resolveOptions({}));
    },
  );

  it('is as one that is left out, in all modules', async () => {
    app = await Test.createTestingModule({
      imports: [
        ClusterModule.forRoot({
          redis: value,
          logger: value,
          state: { maxMemory: value },
          bus: { timeout: value },
          events: { workerReady: value },
          doctor: { ignore: value },
        }),
        ClusterHealthModule.forRoot({
          path: value,
          thresholds: { memory: value, restarts: { degraded: value, down: 5 } },
          indicators: { imports: value, inject: value, timeout: value, useFactory: () => [] },
          details: value,
          decorators: value,
        }),
        ClusterMetricsModule.forRoot({
          path: value,
          port: value,
          host: value,
          http: value,
          registries: value,
          decorators: value,
        }),
        ClusterDashboardModule.forRoot({
          path: value,
          guards: value,
          actions: value,
          imports: value,
          decorators: value,
        }),
        ClusterSocketIoModule.forRoot({
          requestsTimeout: value,
          recovery: { maxDisconnection: value },
          forwardBetweenHosts: value,
        }),
        ThrottlerModule.forRoot([{ limit: 1, ttl: 1_000 }]),
        ClusterThrottlerModule.forRoot({ onOutage: value }),
      ],
    })
      .setLogger({ log() {}, warn() {}, error() {} })
      .compile();
    await app.init();
  });

  it('is as one that is left out, in calls', async () => {
    app = await Test.createTestingModule({ imports: [ClusterModule.forRoot()] }).compile();
    const state = app.get(SharedState);
    const counter = { min: value, max: value, ttl: value, replicas: value };
    expect(await state.counter('n', counter).increment()).toBe(1);
    expect(await state.counter('n', { min: 0 }).increment()).toBe(2);
    expect(await state.counter('n', counter).increment()).toBe(3);
    expect(getCounterToken('n', counter)).toBe(getCounterToken('n'));
    expect(await state.counter('s', { stripes: 2, replicas: value }).get()).toBe(0);
    await state.set('k', 1, { ttl: value });
    const lock = { wait: value, lease: value, signal: value };
    expect(await state.lock('l', async () => 1, lock)).toBe(1);
    const semaphore = state.semaphore('sem', { permits: 1, lease: value });
    expect(await semaphore.run(async () => 2, { wait: value, signal: value })).toBe(2);
    await state.leader('leader', { lease: value }).resign();
    const options = { ttl: value, maxBytes: value, maxEntries: value };
    const cache = state.cache('c', { ...options, near: { maxEntries: value, freeze: value } });
    expect(await cache.wrap('k', () => 3, { ttl: value, stale: value, wait: value })).toBe(3);
    await state.once('o', async () => 4, { per: value, timeout: value });
    const limit = { limit: 1, window: 1_000, cost: value, onOutage: value };
    expect(await state.rateLimit('r', limit)).toMatchObject({ allowed: true });
    const store = new ClusterCacheStore(state, { name: 'store', near: value, maxBytes: value });
    expect(await store.get('k')).toBeUndefined();
    await new ClusterPubSub(app.get(ClusterBus), { durable: value }).publish('t', 1);
  });

  it('is as one that is left out, in decorators', () => {
    class Event {
      readonly id = 1;
    }
    DistributedEvent({ handlers: 'each', name: value, revive: value })(Event);
    const descriptor = { value: () => {} };
    ClusterJob({ name: value, run: value, overlap: value, onLoss: value })({}, 'job', descriptor);
  });
});

/** All options, each `undefined`. */
function undefinedIn(rules: RuleTable): ClusterModuleOptions {
  return Object.fromEntries(
    Object.entries(rules).map(([name, rule]) => [
      name,
      isRule(rule) ? undefined : undefinedIn(rule),
    ]),
  );
}

/** The options and groups at the top, each `undefined`. */
function names(rules: RuleTable): readonly (readonly [string, undefined])[] {
  return Object.keys(rules).map(name => [name, undefined]);
}
