import { type DynamicModule, Module, type ModuleMetadata, type Provider } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { BUS_PROVIDER } from './bus.provider.js';
import { BusExplorer } from './bus/bus.explorer.js';
import { hasDecoratedMethods } from './bus/bus-metadata.accessor.js';
import { BusOrchestrator } from './bus/bus.orchestrator.js';
import { ClusterBus } from './cluster-bus.js';
import { ClusterService } from './cluster.service.js';
import { givenAt } from './errors/cluster-config.error.js';
import { userFrames } from './errors/user-frames.js';
import { counterProviders } from './inject-counter.decorator.js';
import {
  asyncOptionsProviders,
  type ClusterModuleAsyncOptions,
} from './options/cluster-async-options.js';
import type { ClusterModuleOptions } from './options/cluster-options.interface.js';
import { resolveOptionsApart } from './options/resolve-options-apart.js';
import {
  CLUSTER_OPTIONS,
  type ResolvedClusterOptions,
  resolveOptions,
} from './options/resolve-options.js';
import { runPrimary } from './primary/run-primary.js';
import { takeAnyDebugPort } from './process/debug-port.js';
import type { RoleDecision } from './role/cluster-role.js';
import { preflight } from './role/preflight.js';
import { currentRole, isWorker, rememberWorkersOption } from './role/current-role.js';
import { DeferredModule } from './role/deferred-module.js';
import { listenEarly } from './role/early-signals.js';
import { startEarly } from './role/start-early.js';
import { isRedisClient } from './redis/redis-client.interface.js';
import { resolveIoRedis } from './redis/resolve-ioredis.js';
import { REDIS_LINK_PROVIDER } from './redis-link.provider.js';
import { SharedState } from './shared-state.js';
import { STATE_CLIENT } from './state/state-client.js';
import { STATE_CLIENT_PROVIDER } from './state-client.provider.js';
import { RUNTIME, type Runtime } from './worker/runtime.js';
import { singleRuntime } from './worker/single-runtime.js';
import { watchApplications } from './worker/watch-applications.js';
import { workerRuntime } from './worker/worker-runtime.js';

listenEarly();

/**
 * Runs the application that imports it on every core.
 *
 * ```ts
 * @Module({ imports: [ClusterModule.forRoot()] })
 * export class AppModule {}
 * ```
 *
 * In the process the user started, `NestFactory.create(AppModule)` then never returns: it becomes the
 * primary, which forks workers that run the application, and constructs nothing of it itself.
 *
 * Global: what it exports is injectable anywhere.
 *
 * @publicApi
 */
@Module({})
export class ClusterModule {
  /**
   * Errors in the options, as `ClusterConfigError`, reject the creation of the application, before
   * anything is forked.
   */
  static forRoot(options: ClusterModuleOptions = {}): DynamicModule | Promise<DynamicModule> {
    rememberWorkersOption(options?.workers);
    const frames = userFrames();
    const resolve = (): ResolvedClusterOptions => givenAt(frames, () => resolveOptions(options));
    if (isWorker()) {
      return workerModule({ providers: [provideOptions(resolve)] });
    }
    startEarly();
    return new DeferredModule(async () => {
      const resolved = resolve();
      return startAs(currentRole(options), resolved);
    });
  }

  /**
   * As `forRoot()`, with options that other providers help to make.
   *
   * What the factory throws rejects the creation of the application.
   */
  static forRootAsync(async: ClusterModuleAsyncOptions): DynamicModule | Promise<DynamicModule> {
    const inApplication = (): ModuleMetadata => ({
      imports: async.imports ?? [],
      providers: asyncOptionsProviders(async, CLUSTER_OPTIONS, async make =>
        resolveOptions(await make()),
      ),
    });
    if (isWorker()) {
      return workerModule(inApplication());
    }
    startEarly();
    return new DeferredModule(async () => {
      const expected = currentRole({});
      if (expected.role === 'single') {
        return singleModule(expected.why, inApplication());
      }
      const options = await resolveOptionsApart(async);
      return startAs(currentRole(options), resolveOptions(options));
    });
  }
}

/** The primary's module never comes: whoever awaits it is parked for good. */
function startAs(
  decision: RoleDecision,
  options: ResolvedClusterOptions,
): DynamicModule | Promise<DynamicModule> {
  if (decision.role === 'single') {
    return singleModule(decision.why, { providers: [provideOptions(() => options)] });
  }
  preflight();
  if (options.redis && !isRedisClient(options.redis)) {
    resolveIoRedis();
  }
  runPrimary(options);
  return new Promise(() => {});
}

function workerModule(metadata: ModuleMetadata): DynamicModule {
  takeAnyDebugPort();
  const runtime = workerRuntime();
  return applicationModule(metadata, { provide: RUNTIME, useValue: runtime });
}

function singleModule(
  why: Extract<RoleDecision, { role: 'single' }>['why'],
  metadata: ModuleMetadata,
): DynamicModule {
  return applicationModule(metadata, {
    provide: RUNTIME,
    inject: [CLUSTER_OPTIONS],
    useFactory: (options: ResolvedClusterOptions): Runtime => singleRuntime(options, why),
  });
}

function applicationModule(metadata: ModuleMetadata, runtime: Provider): DynamicModule {
  watchApplications();
  return {
    ...metadata,
    module: ClusterModule,
    global: true,
    // As the providers below: who has no decorated methods needs nobody who looks for them.
    get imports() {
      return [...(metadata.imports ?? []), ...(hasDecoratedMethods() ? [DiscoveryModule] : [])];
    },
    // Read when Nest scans the application, once every class that injects a counter is loaded.
    get providers() {
      return [
        ...(metadata.providers ?? []),
        runtime,
        REDIS_LINK_PROVIDER,
        STATE_CLIENT_PROVIDER,
        BUS_PROVIDER,
        ClusterService,
        SharedState,
        ClusterBus,
        ...(hasDecoratedMethods() ? [BusExplorer, BusOrchestrator] : []),
        ...counterProviders(),
      ];
    },
    get exports() {
      return [
        ClusterService,
        SharedState,
        ClusterBus,
        // For other modules of this package; none of these tokens is public.
        RUNTIME,
        CLUSTER_OPTIONS,
        STATE_CLIENT,
        ...counterProviders().map(({ provide }) => provide),
      ];
    },
  };
}

function provideOptions(resolve: () => ResolvedClusterOptions): Provider {
  return { provide: CLUSTER_OPTIONS, useFactory: resolve };
}
