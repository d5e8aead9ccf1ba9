import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type DynamicModule,
  type INestApplication,
  Injectable,
  Module,
  type NestApplicationOptions,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { ScheduleModule } from '@nestjs/schedule';
import { ThrottlerModule } from '@nestjs/throttler';
import { Gauge, register, Registry } from 'prom-client';
import { ClusterCqrsModule } from '../../../src/cqrs/index.js';
import { ClusterDashboardModule } from '../../../src/dashboard/index.js';
import { EventEmitterBridgeModule } from '../../../src/event-emitter/index.js';
import { ClusterHealthModule } from '../../../src/health/index.js';
import { ClusterModule, ClusterService, type Counter, InjectCounter } from '../../../src/index.js';
import { ClusterMetricsModule } from '../../../src/metrics/index.js';
import { LazyModule } from '../../../src/nest/lazy-module.js';
import { ClusterScheduleModule } from '../../../src/schedule/index.js';
import { ClusterSocketIoModule } from '../../../src/socket.io/index.js';
import { ClusterThrottlerModule } from '../../../src/throttler/index.js';
import { ClusterWsModule } from '../../../src/ws/index.js';

type Import = Type | DynamicModule | Promise<DynamicModule>;

/** The options with which Nest serializes the metadata of dynamic modules. */
const SERIALIZING = [{ snapshot: true }, { moduleIdGeneratorAlgorithm: 'deep-hash' }] as const;

/** Returns an object of the user that cannot be serialized. */
const cyclic = <T extends object>(content: T): T => Object.assign(content, { self: content });

const refuse = (): never => {
  throw new Error('Nest serializes an object of the user.');
};

/** As {@link cyclic}; `deep-hash` accepts cycles, but no getter that throws. */
const unserializable = <T extends object>(content: T): T =>
  Object.defineProperty(cyclic(content), 'broken', { enumerable: true, get: refuse });

@Module({})
class FeatureModule {}

const guard = unserializable({ canActivate: () => true });

const forRoot = (): Promise<DynamicModule> =>
  ClusterModule.forRoot({
    logger: unserializable({ log() {}, warn() {}, error() {} }),
  }) as Promise<DynamicModule>;

/** The modules of this package, with the options that can hold objects of the user. */
const IMPORTS: Readonly<Record<string, () => readonly Import[] | Promise<readonly Import[]>>> = {
  ClusterModule: () => [forRoot()],
  'ClusterModule, asynchronous': () => [ClusterModule.forRootAsync({ useFactory: () => ({}) })],
  'ClusterModule, awaited': async () => [await forRoot()],
  'ClusterModule, in a dynamic module': () => [{ module: FeatureModule, imports: [forRoot()] }],
  ClusterCqrsModule: () => [CqrsModule.forRoot(), forRoot(), ClusterCqrsModule],
  ClusterDashboardModule: () => [
    forRoot(),
    ClusterDashboardModule.forRoot({ guards: [guard], actions: { guards: [guard] } }),
  ],
  'ClusterDashboardModule, asynchronous': () => [
    forRoot(),
    ClusterDashboardModule.forRootAsync({ useFactory: () => ({ guards: [guard] }) }),
  ],
  EventEmitterBridgeModule: () => [
    forRoot(),
    EventEmitterModule.forRoot(),
    EventEmitterBridgeModule.forRoot({ events: ['order.*'] }),
  ],
  ClusterHealthModule: () => [
    forRoot(),
    ClusterHealthModule.forRoot({ indicators: { useFactory: () => [] } }),
  ],
  ClusterMetricsModule: () => [
    forRoot(),
    ClusterMetricsModule.forRoot({ registries: [unserializable(new Registry())] }),
  ],
  ClusterScheduleModule: () => [
    forRoot(),
    ScheduleModule.forRoot(),
    ClusterScheduleModule.forRoot(),
  ],
  ClusterSocketIoModule: () => [
    forRoot(),
    ClusterSocketIoModule.forRoot({
      forwardBetweenHosts: { address: '10.0.0.1', tls: cyclic({}) },
    }),
  ],
  ClusterThrottlerModule: () => [
    forRoot(),
    ThrottlerModule.forRoot([{ limit: 10, ttl: 60_000 }]),
    ClusterThrottlerModule.forRoot(),
  ],
  ClusterWsModule: () => [forRoot(), ClusterWsModule.forRoot()],
};

let app: INestApplication | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
  register.clear();
});

async function create(module: Type, options: NestApplicationOptions): Promise<void> {
  app = await NestFactory.create(module, { ...options, logger: false, abortOnError: false });
}

describe.each(SERIALIZING)('an application with %j', options => {
  it.each(Object.keys(IMPORTS))('imports %s', async name => {
    // The default registry then has a metric, and the metric refers to the registry.
    register.registerMetric(new Gauge({ name: 'orders', help: 'orders' }));
    @Module({ imports: [...(await IMPORTS[name]!())] })
    class AppModule {}
    await create(AppModule, options);
  });
});

describe('an application in which @InjectCounter() is loaded late', () => {
  it('has one ClusterModule with a graph of its modules and hashes as their ids', async () => {
    // Nest awaits it when the modules before it are registered.
    const late = new LazyModule(() => {
      @Injectable()
      class LateService {
        constructor(@InjectCounter('late') readonly counter: Counter) {}
      }
      return Promise.resolve({ module: FeatureModule, providers: [LateService] });
    });
    @Module({ imports: [ClusterModule.forRoot(), late] })
    class AppModule {}
    await create(AppModule, { snapshot: true, moduleIdGeneratorAlgorithm: 'deep-hash' });
    expect(app?.get(ClusterService)).toBeInstanceOf(ClusterService);
  });
});

describe('the modules of the package', () => {
  it('are all tested above', async () => {
    const src = new URL('../../../src/', import.meta.url);
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' });
    const entries = files.filter(file => /^(\w|[.-])+\/index\.ts$|^index\.ts$/.test(file));
    const modules = await Promise.all(
      entries.map(async entry => {
        const exported = (await import(new URL(entry, src).href)) as object;
        return Object.keys(exported).filter(name => name.endsWith('Module'));
      }),
    );
    expect(Object.keys(IMPORTS)).toEqual(expect.arrayContaining(modules.flat()));
    expect(modules.flat()).toContain('ClusterModule');
  });
});
