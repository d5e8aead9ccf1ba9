import cluster from 'node:cluster';
import { isMainThread } from 'node:worker_threads';
import type { ClusterModuleOptions, ContextMode } from '../config/cluster-options.interface.js';
import { readWorkersOption } from '../config/resolve-options.js';
import {
  type ClusterRole,
  decideContextRole,
  decideRole,
  isOurWorker,
  type ProcessFacts,
  type RoleDecision,
} from './cluster-role.js';
import { hostAbove } from './host-mark.js';

let rememberedWorkers: ClusterModuleOptions['workers'];

/** So that `clusterRole()` knows what `forRoot()` was told. @internal */
export function rememberWorkersOption(workers: ClusterModuleOptions['workers']): void {
  rememberedWorkers = workers;
}

/** What this process is to `NestFactory.create()` and `createMicroservice()`. @internal */
export function currentRole(options: ClusterModuleOptions): RoleDecision {
  return decideRole(processFacts(), readWorkersOption(options, process.env));
}

/** What this process is to `NestFactory.createApplicationContext()`. @internal */
export function currentContextRole(
  options: ClusterModuleOptions,
  contexts: ContextMode,
): RoleDecision {
  return decideContextRole(processFacts(), readWorkersOption(options, process.env), contexts);
}

/** Known at once, whatever the options are. @internal */
export function isWorker(): boolean {
  return isOurWorker(processFacts());
}

/**
 * What this process is: what `NestFactory.create()` and `createMicroservice()` would make of it. Callable
 * before Nest, for what `main.ts` must do once and not once per worker: migrations, or starting a tracer
 * everywhere but in the primary.
 *
 * An application context that is created before them runs in this process, whatever this says, unless the option
 * `contexts` is `'cluster'`.
 *
 * Knows the environment, and the `workers` given to `ClusterModule.forRoot()` once the module that
 * calls it has been imported. What `forRootAsync()` will resolve is not known yet: it counts as
 * `'auto'`.
 *
 * @throws ClusterConfigError if `workers` is not what it takes
 * @publicApi
 */
export function clusterRole(): ClusterRole {
  return currentRole(rememberedWorkers === undefined ? {} : { workers: rememberedWorkers }).role;
}

function processFacts(): ProcessFacts {
  return {
    isClusterWorker: cluster.isWorker,
    isMainThread,
    connected: process.connected,
    ppid: process.ppid,
    env: process.env,
    hostAbove: hostAbove(process.env),
  };
}
