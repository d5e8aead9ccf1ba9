import type { DynamicModule, ModuleMetadata, Provider, Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, ModulesContainer } from '@nestjs/core';
import { BUS_PROVIDER } from '../bus/bus.provider.js';
import { cacheSource } from '../bus/cache-source.js';
import { ClusterBus } from '../bus/cluster-bus.js';
import { OWN_BUS } from '../bus/own-bus.token.js';
import { hasDecoratedMethods } from '../bus/decorators/bus-metadata.accessor.js';
import { BusExplorer } from '../bus/decorators/bus.explorer.js';
import { BusOrchestrator } from '../bus/decorators/bus.orchestrator.js';
import { ClusterService } from '../cluster.service.js';
import { CLUSTER_OPTIONS } from '../config/resolve-options.js';
import { FLEET_PROVIDER } from '../fleet/fleet.provider.js';
import { callerOutside } from '../nest/caller-outside.js';
import { liveList } from '../nest/live-list.js';
import { twoCores } from '../nest/nest-copies.js';
import { REDIS_LINK_PROVIDER } from '../runtime/redis-link.provider.js';
import { RUNTIME, type Runtime } from '../runtime/runtime.js';
import { STATE_CLIENT } from '../state/client/state-client.token.js';
import { counterProviders } from '../state/decorators/inject-counter.decorator.js';
import { OWN_STATE } from '../state/own-state.token.js';
import { SharedState } from '../state/shared-state.js';
import { STATE_CLIENT_PROVIDER } from '../state/state-client.provider.js';
import { watchApplications } from './watch-applications.js';

/**
 * Returns the module for the process of an application: a worker, or single mode.
 *
 * @param module the class of the module
 * @param metadata has the provider of the options
 * @param runtime the provider of the runtime
 * @param known the runtime, if it exists before the application
 * @internal
 */
export function applicationModule(
  module: Type,
  metadata: ModuleMetadata,
  runtime: Provider<Runtime>,
  known?: Runtime,
): DynamicModule {
  watchApplications(known);
  let reader: string | undefined;
  const always: readonly Provider[] = [
    modulesProvider(() => reader),
    ...(metadata.providers ?? []),
    runtime,
    REDIS_LINK_PROVIDER,
    STATE_CLIENT_PROVIDER,
    BUS_PROVIDER,
    FLEET_PROVIDER,
    ClusterService,
    ...OVERRIDABLE,
    CACHE_SOURCE,
  ];
  return {
    ...metadata,
    module,
    global: true,
    imports: metadata.imports ?? [],
    // Complete when Nest has loaded all modules, and with them every class with decorators of this package.
    get providers() {
      reader ??= callerOutside();
      return liveList(() => [
        ...always,
        // Applications without decorated methods need no discovery.
        ...(hasDecoratedMethods() ? BUS_DISCOVERY : []),
        ...counterProviders(),
      ]);
    },
    exports: liveList(() => [...EXPORTS, ...counterProviders().map(({ provide }) => provide)]),
  };
}

const EXPORTS = [
  ClusterService,
  SharedState,
  ClusterBus,
  // For other modules of this package; these tokens are not public.
  OWN_STATE,
  OWN_BUS,
  RUNTIME,
  CLUSTER_OPTIONS,
  STATE_CLIENT,
];

/** What a test can override by a part of it, without an effect on this package. */
const OVERRIDABLE: readonly Provider[] = [
  { provide: OWN_STATE, useClass: SharedState },
  { provide: SharedState, useExisting: OWN_STATE },
  { provide: OWN_BUS, useClass: ClusterBus },
  { provide: ClusterBus, useExisting: OWN_BUS },
];

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

/** Gives the caches of the shared state their way to the other workers. */
const CACHE_SOURCE: Provider = {
  provide: Symbol('CACHE_SOURCE'),
  inject: [OWN_STATE, OWN_BUS],
  useFactory: (state: SharedState, bus: ClusterBus) => state.provideFeed(cacheSource(bus)),
};

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
