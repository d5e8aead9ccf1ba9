import { constants } from 'node:os';
import { exitProcess, type Exit } from '../system/process/exit.js';
import { clusterRole, currentRole } from './current-role.js';
import type { ClusterRole } from './cluster-role.js';

/** What a shell adds to the number of the signal by which a process has ended. */
const ENDED_BY_SIGNAL = 128;

/** Signals that end a process without a listener. */
const ENDS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Signals that stop such a process where it stands, and that are commands to a primary. */
const COMMANDS = ['SIGTTIN', 'SIGTTOU'] as const;

type EarlySignal = (typeof ENDS | typeof COMMANDS)[number];

/** @internal */
export interface EarlySignalsDependencies {
  readonly process: Pick<NodeJS.Process, 'on' | 'off' | 'listenerCount' | 'kill' | 'pid'>;
  /** What this process is, or will be. */
  readonly role: () => ClusterRole;
  readonly exit: Exit;
}

/**
 * What signals do between the import of this package and the moment in which somebody else takes them over: the
 * supervisor, the runtime of a worker, or that of single mode.
 *
 * - SIGTERM ends the process at once, as nothing is there yet to be drained; so does SIGINT where it is not a worker.
 * - In a worker, SIGINT, SIGHUP, SIGTTIN and SIGTTOU are left to the primary to decide.
 * - In a process that becomes the primary, SIGHUP (reload), SIGTTIN and SIGTTOU change nothing: what it is about to fork
 *   runs the newest code anyway.
 * - In any other process they do what they do without us.
 *
 * Without listeners, a SIGHUP that is to reload would end a host which still boots, and the first process of a
 * container, for which the kernel has no default action, could not be ended at all. Where the application has a
 * listener of its own for SIGTERM, SIGINT or SIGHUP, that decides.
 *
 * @returns stops to listen
 * @internal
 */
export function handleEarlySignals(deps: EarlySignalsDependencies): () => void {
  const { process, role, exit } = deps;
  const onSignal = (signal: EarlySignal): void => {
    if (process.listenerCount(signal) > 1 || isLeftAlone(signal, role())) {
      return;
    }
    process.off(signal, onSignal);
    process.kill(process.pid, signal);
    // Still here: the first process of a container. A command would stop it, and then it goes on.
    if (signal === 'SIGTERM' || signal === 'SIGINT' || signal === 'SIGHUP') {
      exit(ENDED_BY_SIGNAL + constants.signals[signal]);
    } else {
      process.on(signal, onSignal);
    }
  };
  const signals: readonly EarlySignal[] = [...ENDS, ...COMMANDS];
  signals.forEach(signal => process.on(signal, onSignal));
  return () => signals.forEach(signal => process.off(signal, onSignal));
}

/** The signals that end a process of each role. */
const ENDED_BY: Readonly<Record<Exclude<ClusterRole, 'single'>, readonly EarlySignal[]>> = {
  primary: ['SIGTERM', 'SIGINT'],
  worker: ['SIGTERM'],
};

function isLeftAlone(signal: EarlySignal, role: ClusterRole): boolean {
  return role !== 'single' && !ENDED_BY[role].includes(signal);
}

let release: (() => void) | undefined;

/** Once, when the package is imported. Not in a test run, in which each file of tests imports it anew. @internal */
export function listenEarly(): void {
  if (!release && !isTestRun()) {
    release = handleEarlySignals({ process, role: expectedRole, exit: exitProcess });
  }
}

/** Whether the application itself listens to a signal. @internal */
export function hasOwnListener(signal: NodeJS.Signals): boolean {
  return process.listenerCount(signal) > (release ? 1 : 0);
}

/**
 * Somebody else listens from now on, and does so already: what has come of a signal, but has not been told yet, is
 * lost when its last listener goes.
 *
 * @internal
 */
export function endEarlySignals(): void {
  release?.();
  release = undefined;
}

function isTestRun(): boolean {
  try {
    const decision = currentRole({});
    return decision.role === 'single' && decision.why === 'test-run';
  } catch {
    // The options are wrong, which somebody else reports.
    return false;
  }
}

function expectedRole(): ClusterRole {
  try {
    return clusterRole();
  } catch {
    return 'single';
  }
}
