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
import { WORKERS_VARIABLE } from '../config/option-rules.js';
import { parentHost } from './host-mark.js';

let rememberedWorkers: ClusterModuleOptions['workers'];

/** Remembers the option `workers` of `forRoot()` for `clusterRole()`. @internal */
export function rememberWorkersOption(workers: ClusterModuleOptions['workers']): void {
  rememberedWorkers = workers;
}

/** Returns the role of this process in `NestFactory.create()` and `createMicroservice()`. @internal */
export function currentRole(options: ClusterModuleOptions): RoleDecision {
  return decideRole(processFacts(), readWorkersOption(options, process.env));
}

/** Returns the role of this process in `NestFactory.createApplicationContext()`. @internal */
export function currentContextRole(
  options: ClusterModuleOptions,
  contexts: ContextMode,
): RoleDecision {
  return decideContextRole(processFacts(), readWorkersOption(options, process.env), contexts);
}

/** Whether this process is a worker, which does not depend on the options. @internal */
export function isWorker(): boolean {
  return isOurWorker(processFacts());
}

/**
 * Returns the role of this process: the role that `NestFactory.create()` and `createMicroservice()` would give it.
 * Call it in `main.ts`, before Nest is created, for work that must run once per host and not once per worker, such
 * as migrations, or for work that must not run in the primary, such as starting a tracer.
 *
 * It uses the environment, and the option `workers` of `ClusterModule.forRoot()` if the module that calls
 * `forRoot()` has been imported. Options of `forRootAsync()` are not known yet: `workers` then counts as `'auto'`.
 *
 * An application context that is created first runs in this process, whatever the role, unless the option `contexts`
 * is `'cluster'`.
 *
 * @throws ClusterConfigError if `workers` has an invalid value
 * @publicApi
 */
export function clusterRole(): ClusterRole {
  return currentRole(rememberedWorkers === undefined ? {} : { workers: rememberedWorkers }).role;
}

interface ExpectedRole {
  readonly role: ClusterRole;
  readonly workers: ClusterModuleOptions['workers'];
  readonly workersText: string | undefined;
}

let lastExpected: ExpectedRole | undefined;

/**
 * Returns what `clusterRole()` returns, and `primary` if the options are invalid. Decides it again only if `workers`
 * has changed, because that asks the operating system for the host above this process.
 *
 * @internal
 */
export function expectedRole(): ClusterRole {
  const workersText = process.env[WORKERS_VARIABLE];
  if (lastExpected?.workersText !== workersText || lastExpected?.workers !== rememberedWorkers) {
    lastExpected = undefined;
  }
  lastExpected ??= { role: roleOrPrimary(), workers: rememberedWorkers, workersText };
  return lastExpected.role;
}

function roleOrPrimary(): ClusterRole {
  try {
    return clusterRole();
  } catch {
    // The options are invalid. The error is reported when the application is created.
    return 'primary';
  }
}

function processFacts(): ProcessFacts {
  return {
    isClusterWorker: cluster.isWorker,
    isMainThread,
    connected: process.connected,
    ppid: process.ppid,
    env: process.env,
    // Asks the operating system, which most questions do not need.
    get parentHost() {
      return parentHost(process.env);
    },
  };
}
