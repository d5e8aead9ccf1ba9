import { type DynamicModule, Module, type ModuleMetadata, type Provider } from '@nestjs/common';
import { givenAt } from './model/errors/cluster-config.error.js';
import { userFrames } from './system/text/user-frames.js';
import {
  asyncOptionsProviders,
  type ClusterModuleAsyncOptions,
} from './config/cluster-async-options.js';
import type { ClusterModuleOptions, ContextMode } from './config/cluster-options.interface.js';
import { ownRelease } from './config/release.js';
import { resolveOptionsApart } from './config/resolve-options-apart.js';
import {
  CLUSTER_OPTIONS,
  readLoggerOption,
  type ResolvedClusterOptions,
  resolveOptions,
} from './config/resolve-options.js';
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
import { isFirstCopy } from './bootstrap/package-copy.js';
import { nestHostLogger, usePrimaryLogger } from './bootstrap/primary-logger.js';
import { holdLines } from './nest/hold-lines.js';
import { opaqueValue } from './nest/opaque-value.js';
import { preflight } from './bootstrap/preflight.js';
import { ignoreCommandsAtStart, listenEarly } from './bootstrap/early-signals.js';
import { rememberRegistration } from './bootstrap/registered-options.js';
import type { Registration } from './bootstrap/registration.js';
import { reportOptions } from './start/report-options.js';
import { startEarly } from './bootstrap/start-early.js';
import { isRedisClient } from './redis/connection/redis-client.interface.js';
import { resolveIoRedis } from './redis/connection/resolve-ioredis.js';
import { RUNTIME, type Runtime } from './runtime/runtime.js';
import { prepareWorker } from './worker/boot/prepare-worker.js';

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
    rememberRegistration({ options });
    const frames = userFrames();
    const resolve = (): ResolvedClusterOptions => givenAt(frames, () => resolveOptions(options));
    const inApplication = (): ModuleMetadata => ({ providers: [provideOptions(resolve)] });
    const report = (): Promise<void> => reportOptions(() => checked(resolve()));
    const make = async (creator: Creator): Promise<DynamicModule | undefined> => {
      // Before the options are validated, so that their errors use this logger.
      useLoggerOf(options, creator);
      const resolved = resolve();
      return startAs(roleFor(creator, options, resolved.contexts), resolved);
    };
    return deferredModule({ options }, inApplication, make, report);
  }

  /**
   * Returns the module with options that are made by a factory, which can inject other providers.
   *
   * An error of the factory rejects the creation of the application.
   */
  static forRootAsync(async: ClusterModuleAsyncOptions): DynamicModule | Promise<DynamicModule> {
    rememberRegistration({ async });
    const inApplication = (): ModuleMetadata => ({
      imports: async.imports ?? [],
      providers: asyncOptionsProviders(async, CLUSTER_OPTIONS, async make =>
        resolveAndReport(await make()),
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
        return await startAs(roleFor(creator, options, resolved.contexts), resolved);
      } finally {
        release();
      }
    });
  }
}

// At the import: `forRoot()` may be called among the arguments of `NestFactory.create()`, when that method is already read.
startEarly();
observeContainers(ClusterModule);

/** What `NestFactory.create()` awaits in the primary. */
const NEVER = new Promise<never>(() => {});

/** Returns the module. A worker begins to load its runtime at once; other processes wait until an application is created. */
function deferredModule(
  registration: Registration,
  inWorker: () => ModuleMetadata,
  make: (creator: Creator) => Promise<DynamicModule | undefined>,
  report?: () => Promise<void>,
): DeferredModule {
  ownRelease();
  if (isWorker()) {
    prepareWorker();
    const module = workerModule(inWorker());
    // Reported where it is awaited, which may be later.
    module.catch(() => {});
    return new DeferredModule(async () => {
      await report?.();
      return module;
    }, registration);
  }
  return new DeferredModule(async creator => (await make(creator)) ?? NEVER, registration);
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

/**
 * Starts this process in its role, whose code is loaded only now.
 *
 * @returns the module of the application; `undefined` in the primary, which has none
 */
async function startAs(
  decision: RoleDecision,
  options: ResolvedClusterOptions,
): Promise<DynamicModule | undefined> {
  if (decision.role === 'single') {
    return singleModule(decision.why, { providers: [provideOptions(() => options)] });
  }
  usePrimaryLogger(options.logger);
  checked(options);
  if (options.lightPrimary) {
    const { execPrimary } = await import('./start/exec-primary.js');
    execPrimary(options);
  }
  const { runPrimary } = await import('./supervisor/run-primary.js');
  runPrimary(options, nestHostLogger(options.logger));
  endFactoryCall();
  return undefined;
}

async function workerModule(metadata: ModuleMetadata): Promise<DynamicModule> {
  const [{ workerRuntime }, { applicationModule }] = await Promise.all([
    import('./worker/worker-runtime.js'),
    import('./application/application-module.js'),
  ]);
  const runtime = workerRuntime();
  return applicationModule(ClusterModule, metadata, opaqueValue(RUNTIME, runtime), runtime);
}

async function singleModule(why: SingleReason, metadata: ModuleMetadata): Promise<DynamicModule> {
  const [{ singleRuntime }, { applicationModule }] = await Promise.all([
    import('./single/single-runtime.js'),
    import('./application/application-module.js'),
  ]);
  return applicationModule(ClusterModule, metadata, {
    provide: RUNTIME,
    inject: [CLUSTER_OPTIONS],
    useFactory: (options: ResolvedClusterOptions): Runtime => singleRuntime(options, why),
  });
}

/**
 * Checks what would prevent every worker from booting.
 *
 * @returns the options
 * @throws ClusterConfigError if a package is missing
 */
function checked(options: ResolvedClusterOptions): ResolvedClusterOptions {
  preflight();
  if (options.redis && !isRedisClient(options.redis)) {
    resolveIoRedis(options.redis);
  }
  return options;
}

/** Resolves the options, and reports them to a primary that waits for them. */
async function resolveAndReport(options: ClusterModuleOptions): Promise<ResolvedClusterOptions> {
  const resolved = resolveOptions(options);
  await reportOptions(() => checked(resolved));
  return resolved;
}

function provideOptions(resolve: () => ResolvedClusterOptions): Provider {
  return { provide: CLUSTER_OPTIONS, useFactory: resolve };
}
