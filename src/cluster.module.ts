import { type DynamicModule, Module, type ModuleMetadata, type Provider } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, ModulesContainer } from '@nestjs/core';
import { BUS_PROVIDER } from './bus/bus.provider.js';
import { BusExplorer } from './bus/decorators/bus.explorer.js';
import { hasDecoratedMethods } from './bus/decorators/bus-metadata.accessor.js';
import { BusOrchestrator } from './bus/decorators/bus.orchestrator.js';
import { ClusterBus } from './bus/cluster-bus.js';
import { ClusterService } from './cluster.service.js';
import { givenAt } from './model/errors/cluster-config.error.js';
import { userFrames } from './system/text/user-frames.js';
import { counterProviders } from './state/decorators/inject-counter.decorator.js';
import {
  asyncOptionsProviders,
  type ClusterModuleAsyncOptions,
} from './config/cluster-async-options.js';
import type { ClusterModuleOptions, ContextMode } from './config/cluster-options.interface.js';
import { resolveOptionsApart } from './config/resolve-options-apart.js';
import {
  CLUSTER_OPTIONS,
  readLoggerOption,
  type ResolvedClusterOptions,
  resolveOptions,
} from './config/resolve-options.js';
import { runPrimary } from './supervisor/run-primary.js';
import { takeAnyDebugPort } from './system/process/debug-port.js';
import type { RoleDecision, SingleReason } from './bootstrap/cluster-role.js';
import {
  currentContextRole,
  currentRole,
  isWorker,
  rememberWorkersOption,
} from './bootstrap/current-role.js';
import { type Creator, DeferredModule } from './bootstrap/deferred-module.js';
import { endFactoryCall } from './nest/factory-call.js';
import { observeContainers } from './bootstrap/nest-containers.js';
import { twoCores } from './nest/nest-copies.js';
import { callerOutside } from './nest/caller-outside.js';
import { isFirstCopy } from './bootstrap/package-copy.js';
import { usePrimaryLogger } from './bootstrap/primary-logger.js';
import { holdLines } from './nest/hold-lines.js';
import { preflight } from './bootstrap/preflight.js';
import { ignoreCommandsAtStart, listenEarly } from './bootstrap/early-signals.js';
import type { Registration } from './bootstrap/registration.js';
import { startEarly } from './bootstrap/start-early.js';
import { isRedisClient } from './redis/connection/redis-client.interface.js';
import { resolveIoRedis } from './redis/connection/resolve-ioredis.js';
import { REDIS_LINK_PROVIDER } from './runtime/redis-link.provider.js';
import { SharedState } from './state/shared-state.js';
import { STATE_CLIENT } from './state/client/state-client.js';
import { STATE_CLIENT_PROVIDER } from './state/state-client.provider.js';
import { RUNTIME, type Runtime } from './runtime/runtime.js';
import { singleRuntime } from './single/single-runtime.js';
import { watchApplications } from './application/watch-applications.js';
import { workerRuntime } from './worker/worker-runtime.js';

if (isFirstCopy) {
  listenEarly();
}

/**
 * Runs the application that imports it on every core.
 *
 * ```ts
 * @Module({ imports: [ClusterModule.forRoot()] })
 * export class AppModule {}
 * ```
 *
 * In the process that the user starts, `NestFactory.create(AppModule)` then never returns. The process becomes the
 * primary: it forks workers, which run the application, and does not construct the application itself.
 *
 * The module is global: `ClusterService`, `SharedState` and `ClusterBus` can be injected everywhere.
 *
 * @publicApi
 */
@Module({})
export class ClusterModule {
  /**
   * Returns the module with the given options. Invalid options reject the creation of the application with a
   * `ClusterConfigError`, before any worker is forked.
   */
  static forRoot(options: ClusterModuleOptions = {}): DynamicModule | Promise<DynamicModule> {
    rememberWorkersOption(options?.workers);
    const frames = userFrames();
    const resolve = (): ResolvedClusterOptions => givenAt(frames, () => resolveOptions(options));
    const inApplication = (): ModuleMetadata => ({ providers: [provideOptions(resolve)] });
    return deferredModule({ options }, inApplication, async creator => {
      // Before the options are validated, so that their errors use this logger.
      useLoggerOf(options, creator);
      const resolved = resolve();
      return startAs(roleFor(creator, options, resolved.contexts), resolved);
    });
  }

  /**
   * Returns the module with options that are made by a factory, which can inject other providers.
   *
   * An error of the factory rejects the creation of the application.
   */
  static forRootAsync(async: ClusterModuleAsyncOptions): DynamicModule | Promise<DynamicModule> {
    const inApplication = (): ModuleMetadata => ({
      imports: async.imports ?? [],
      providers: asyncOptionsProviders(async, CLUSTER_OPTIONS, async make =>
        resolveOptions(await make()),
      ),
    });
    return deferredModule({ async }, inApplication, async creator => {
      const expected = roleFor(creator, {}, 'single');
      if (expected.role === 'single' && currentRole({}).role === 'single') {
        // The options cannot change the role, and are resolved in the application.
        return singleModule(expected.why, inApplication());
      }
      const release = expected.role === 'primary' ? ignoreCommandsAtStart() : () => {};
      const printLines = holdLines();
      const settleLogger = (options: ClusterModuleOptions): void => {
        useLoggerOf(options, creator);
        printLines();
      };
      try {
        const options = await resolveOptionsApart(async, rootOf(creator)).catch(
          (error: unknown) => {
            settleLogger({});
            throw error;
          },
        );
        settleLogger(options);
        const resolved = resolveOptions(options);
        // Not awaited: in the primary, this promise never resolves, and `release()` must run.
        return startAs(roleFor(creator, options, resolved.contexts), resolved);
      } finally {
        release();
      }
    });
  }
}

observeContainers(ClusterModule);

/** Returns the module. A worker creates its runtime at once; other processes wait until an application is created. */
function deferredModule(
  registration: Registration,
  inWorker: () => ModuleMetadata,
  make: (creator: Creator) => Promise<DynamicModule>,
): DeferredModule {
  if (isWorker()) {
    const module = workerModule(inWorker());
    return new DeferredModule(() => Promise.resolve(module), registration);
  }
  startEarly();
  return new DeferredModule(make, registration);
}

/** Returns the role of this process for the creator of an application. */
function roleFor(
  creator: Creator,
  options: ClusterModuleOptions,
  contexts: ContextMode,
): RoleDecision {
  if (creator !== 'no-factory') {
    return isContextCall(creator) ? currentContextRole(options, contexts) : currentRole(options);
  }
  const decision = currentRole(options);
  return decision.role === 'primary' ? { role: 'single', why: 'no-factory' } : decision;
}

/** Uses the logger of the options if this process becomes the primary. The options are not validated yet. */
function useLoggerOf(options: ClusterModuleOptions, creator: Creator): void {
  if (isToBePrimary(creator, options) ?? isToBePrimary(creator, {})) {
    usePrimaryLogger(readLoggerOption(options, process.env));
  }
}

/** Returns `undefined` if the options are invalid. The caller reports that. */
function isToBePrimary(creator: Creator, options: ClusterModuleOptions): boolean | undefined {
  try {
    return roleFor(creator, options, options.contexts ?? 'single').role === 'primary';
  } catch {
    return undefined;
  }
}

function isContextCall(creator: Exclude<Creator, 'no-factory'>): boolean {
  return creator !== 'unknown' && creator.method === 'createApplicationContext';
}

function rootOf(creator: Creator): unknown {
  return typeof creator === 'string' ? undefined : creator.root;
}

/** Starts this process in its role. In the primary, the returned promise never resolves. */
function startAs(
  decision: RoleDecision,
  options: ResolvedClusterOptions,
): DynamicModule | Promise<DynamicModule> {
  if (decision.role === 'single') {
    return singleModule(decision.why, { providers: [provideOptions(() => options)] });
  }
  usePrimaryLogger(options.logger);
  preflight();
  if (options.redis && !isRedisClient(options.redis)) {
    resolveIoRedis(options.redis);
  }
  runPrimary(options);
  endFactoryCall();
  return new Promise(() => {});
}

function workerModule(metadata: ModuleMetadata): DynamicModule {
  takeAnyDebugPort();
  const runtime = workerRuntime();
  return applicationModule(metadata, { provide: RUNTIME, useValue: runtime });
}

function singleModule(why: SingleReason, metadata: ModuleMetadata): DynamicModule {
  return applicationModule(metadata, {
    provide: RUNTIME,
    inject: [CLUSTER_OPTIONS],
    useFactory: (options: ResolvedClusterOptions): Runtime => singleRuntime(options, why),
  });
}

function applicationModule(metadata: ModuleMetadata, runtime: Provider): DynamicModule {
  watchApplications();
  let reader: string | undefined;
  return {
    ...metadata,
    module: ClusterModule,
    global: true,
    imports: metadata.imports ?? [],
    // Read when Nest scans the application, once every class that injects a counter is loaded.
    get providers() {
      reader ??= callerOutside();
      return [
        modulesProvider(() => reader),
        ...(metadata.providers ?? []),
        runtime,
        REDIS_LINK_PROVIDER,
        STATE_CLIENT_PROVIDER,
        BUS_PROVIDER,
        ClusterService,
        SharedState,
        ClusterBus,
        // Applications without decorated methods need no discovery.
        ...(hasDecoratedMethods() ? BUS_DISCOVERY : []),
        ...counterProviders(),
      ];
    },
    get exports() {
      return [
        ClusterService,
        SharedState,
        ClusterBus,
        // For other modules of this package; these tokens are not public.
        RUNTIME,
        CLUSTER_OPTIONS,
        STATE_CLIENT,
        ...counterProviders().map(({ provide }) => provide),
      ];
    },
  };
}

/** All modules of the application. Only applications of the same copy of Nest can inject it. */
const MODULES = Symbol('MODULES');

function modulesProvider(reader: () => string | undefined): Provider {
  return {
    provide: MODULES,
    inject: [{ token: ModulesContainer, optional: true }],
    useFactory: (modules: ModulesContainer | undefined) => {
      if (!modules) {
        throw twoCores(reader());
      }
      return modules;
    },
  };
}

const BUS_DISCOVERY: readonly Provider[] = [
  {
    provide: DiscoveryService,
    inject: [MODULES],
    useFactory: (modules: ModulesContainer) => new DiscoveryService(modules),
  },
  MetadataScanner,
  BusExplorer,
  BusOrchestrator,
];

function provideOptions(resolve: () => ResolvedClusterOptions): Provider {
  return { provide: CLUSTER_OPTIONS, useFactory: resolve };
}
