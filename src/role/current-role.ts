import cluster from 'node:cluster';
import { isMainThread } from 'node:worker_threads';
import type { ClusterModuleOptions } from '../options/cluster-options.interface.js';
import { readWorkersOption } from '../options/resolve-options.js';
import {
  type ClusterRole,
  decideRole,
  isOurWorker,
  type ProcessFacts,
  type RoleDecision,
} from './cluster-role.js';

let rememberedWorkers: ClusterModuleOptions['workers'];

/** So that `clusterRole()` knows what `forRoot()` was told. @internal */
export function rememberWorkersOption(workers: ClusterModuleOptions['workers']): void {
  rememberedWorkers = workers;
}

/** @internal */
export function currentRole(options: ClusterModuleOptions): RoleDecision {
  return decideRole(processFacts(), readWorkersOption(options, process.env));
}

/** Known at once, whatever the options are. @internal */
export function isWorker(): boolean {
  return isOurWorker(processFacts());
}

/**
 * What this process is. Callable before Nest, for what `main.ts` must do once and not once per
 * worker: migrations, or starting a tracer everywhere but in the primary.
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
  };
}
