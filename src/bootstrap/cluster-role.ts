import type { ContextMode } from '../config/cluster-options.interface.js';
import { PRIMARY_PID_VARIABLE } from '../model/internal-variables.js';
import { isTestRun } from '../system/process/is-test-run.js';
import { type HostMark, workersText } from './host-mark.js';

/**
 * The role of a process: the supervising `primary`, a `worker` that runs the application, or the `single` process
 * that runs the application without a primary and workers.
 *
 * @publicApi
 */
export type ClusterRole = 'primary' | 'worker' | 'single';

/** Why a process is in single mode. @internal */
export type SingleReason =
  | 'no-workers'
  | 'test-run'
  | 'foreign-cluster'
  | 'worker-thread'
  | 'descendant'
  | 'context'
  | 'no-factory';

/** @internal */
export type RoleDecision =
  { readonly role: 'primary' | 'worker' } | { readonly role: 'single'; readonly why: SingleReason };

/** The properties of the process that decide its role. @internal */
export interface ProcessFacts {
  /** `cluster.isWorker`. */
  readonly isClusterWorker: boolean;
  readonly isMainThread: boolean;
  /** Whether the channel to the process that forked this one is open. */
  readonly connected: boolean;
  readonly ppid: number;
  readonly env: NodeJS.ProcessEnv;
  /** The running host that this process descends from, if any. */
  readonly parentHost?: HostMark | undefined;
}

/**
 * Decides the role of a process that calls `NestFactory.create()` or `createMicroservice()`.
 *
 * @internal
 */
export function decideRole(facts: ProcessFacts, workers: number | 'auto'): RoleDecision {
  if (isOurWorker(facts)) {
    return { role: 'worker' };
  }
  if (facts.isClusterWorker) {
    return { role: 'single', why: 'foreign-cluster' };
  }
  if (!facts.isMainThread) {
    return { role: 'single', why: 'worker-thread' };
  }
  if (workers === 0) {
    return { role: 'single', why: isTestRun(facts.env) ? 'test-run' : 'no-workers' };
  }
  // An application with `workers: 4` in its code must remain testable. So in a test run only the environment can ask
  // for workers: a variable is set for this run only.
  if (isTestRun(facts.env) && !asksForWorkers(facts)) {
    return { role: 'single', why: 'test-run' };
  }
  if (facts.parentHost && !asksForWorkers(facts)) {
    return { role: 'single', why: 'descendant' };
  }
  return { role: 'primary' };
}

/**
 * Decides the role of a process that calls `NestFactory.createApplicationContext()`.
 *
 * @internal
 */
export function decideContextRole(
  facts: ProcessFacts,
  workers: number | 'auto',
  contexts: ContextMode,
): RoleDecision {
  const decision = decideRole(facts, workers);
  if (contexts === 'cluster' || decision.role === 'worker') {
    return decision;
  }
  // A test run does not handle signals, and has a separate state for each application.
  const isTest = decision.role === 'single' && decision.why === 'test-run';
  return isTest ? decision : { role: 'single', why: 'context' };
}

/**
 * Whether the environment asks for workers on purpose. A value that was inherited from the parent host does not
 * count.
 */
function asksForWorkers({ env, parentHost }: ProcessFacts): boolean {
  const text = workersText(env);
  return text !== '' && text !== parentHost?.workers;
}

/** @internal */
export function isOurWorker({ isClusterWorker, env, ppid, connected }: ProcessFacts): boolean {
  const primary = env[PRIMARY_PID_VARIABLE];
  // Processes that a worker starts inherit the variable, so the parent must match. A worker whose primary has died
  // has another parent by now, but its channel is closed, too.
  return isClusterWorker && primary !== undefined && (primary === String(ppid) || !connected);
}
