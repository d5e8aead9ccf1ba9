import type { ContextMode } from '../config/cluster-options.interface.js';
import { PRIMARY_PID_VARIABLE } from '../model/internal-variables.js';
import { isTestRun } from '../system/process/is-test-run.js';
import { type HostMark, workersText } from './host-mark.js';

/**
 * What a process is: the supervising `primary`, a `worker` that runs the application, or the
 * `single` process that does without either.
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

/** What of the process decides its role. @internal */
export interface ProcessFacts {
  /** `cluster.isWorker`. */
  readonly isClusterWorker: boolean;
  readonly isMainThread: boolean;
  /** Whether the channel to the process that forked this one is open. */
  readonly connected: boolean;
  readonly ppid: number;
  readonly env: NodeJS.ProcessEnv;
  /** The running host that this process descends from, if it does. */
  readonly hostAbove?: HostMark | undefined;
}

/**
 * What a process is that calls `NestFactory.create()` or `createMicroservice()`.
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
  // An application with `workers: 4` in its code must still be testable: in a test run only the
  // environment, which whoever starts the process sets on purpose, asks for workers.
  if (isTestRun(facts.env) && !asksForWorkers(facts)) {
    return { role: 'single', why: 'test-run' };
  }
  if (facts.hostAbove && !asksForWorkers(facts)) {
    return { role: 'single', why: 'descendant' };
  }
  return { role: 'primary' };
}

/**
 * What a process is that calls `NestFactory.createApplicationContext()`.
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
  // A test run leaves signals alone, and has a state of its own for each application.
  const isTest = decision.role === 'single' && decision.why === 'test-run';
  return isTest ? decision : { role: 'single', why: 'context' };
}

/**
 * Whether the environment asks for workers on purpose: a value that was inherited from the host above is no
 * purpose.
 */
function asksForWorkers({ env, hostAbove }: ProcessFacts): boolean {
  const text = workersText(env);
  return text !== '' && text !== hostAbove?.workers;
}

/** @internal */
export function isOurWorker({ isClusterWorker, env, ppid, connected }: ProcessFacts): boolean {
  const primary = env[PRIMARY_PID_VARIABLE];
  // The variable is inherited by whatever a worker starts, so the parent must match; a worker whose
  // primary died has another parent by now, but no channel either.
  return isClusterWorker && primary !== undefined && (primary === String(ppid) || !connected);
}
