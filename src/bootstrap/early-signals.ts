import { constants } from 'node:os';
import { exitProcess, type Exit } from '../system/process/exit.js';
import { currentRole, isWorker } from './current-role.js';

/** What a shell adds to the number of the signal by which a process has ended. */
const ENDED_BY_SIGNAL = 128;

/** The kernel has no default action for a signal to the first process of a container. */
const FIRST_OF_CONTAINER = 1;

/** What is done with the signals that are not left to the system. @internal */
export type EarlyAction = 'exit' | 'ignore';

/** @internal */
export type EarlyActions = Readonly<Partial<Record<NodeJS.Signals, EarlyAction>>>;

/** @internal */
export interface EarlySignalsDependencies {
  readonly process: Pick<NodeJS.Process, 'prependListener' | 'off' | 'listenerCount'>;
  readonly exit: Exit;
}

/**
 * What signals do from the import of this package on, until somebody else takes them over: the supervisor, the
 * runtime of a worker, or that of single mode. What has no action does what it does without this package: a process
 * may have imported it for something else than starting an application.
 *
 * - A worker leaves SIGINT, SIGHUP, SIGTTIN and SIGTTOU to the primary. It is certain to start an application.
 * - The first process of a container, which could not be ended otherwise, exits on SIGTERM and SIGINT.
 *
 * @internal
 */
export function earlyActions(facts: {
  readonly isWorker: boolean;
  readonly pid: number;
}): EarlyActions {
  if (facts.isWorker) {
    return { SIGINT: 'ignore', ...IGNORED_COMMANDS };
  }
  return facts.pid === FIRST_OF_CONTAINER ? { SIGTERM: 'exit', SIGINT: 'exit' } : {};
}

/** What commands a running primary. */
const IGNORED_COMMANDS = { SIGHUP: 'ignore', SIGTTIN: 'ignore', SIGTTOU: 'ignore' } as const;

/**
 * Where the application has a listener of its own for a signal, that decides.
 *
 * @returns stops to listen
 * @internal
 */
export function handleEarlySignals(
  actions: EarlyActions,
  { process, exit }: EarlySignalsDependencies,
): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    if (actions[signal] === 'exit' && process.listenerCount(signal) === 1) {
      exit(ENDED_BY_SIGNAL + constants.signals[signal]);
    }
  };
  const signals = Object.keys(actions) as NodeJS.Signals[];
  // Before a listener of the application's that goes as soon as it is called.
  signals.forEach(signal => process.prependListener(signal, onSignal));
  return () => signals.forEach(signal => process.off(signal, onSignal));
}

interface Listening {
  readonly actions: EarlyActions;
  readonly end: () => void;
}

let listening: Listening | undefined;

/** Once, when the package is imported. Not in a test run, in which each file of tests imports it anew. @internal */
export function listenEarly(): void {
  if (!listening && !isSingleForTests()) {
    const actions = earlyActions({ isWorker: isWorker(), pid: process.pid });
    listening = { actions, end: handleEarlySignals(actions, { process, exit: exitProcess }) };
  }
}

/**
 * Commands to a primary that is about to fork its first workers change nothing: those run the newest code anyway.
 *
 * @returns stops to listen
 * @internal
 */
export function ignoreCommandsAtStart(
  deps: EarlySignalsDependencies = { process, exit: exitProcess },
): () => void {
  return handleEarlySignals(IGNORED_COMMANDS, deps);
}

/** Whether the application itself listens to a signal. @internal */
export function hasOwnListener(signal: NodeJS.Signals): boolean {
  return process.listenerCount(signal) > (listening && signal in listening.actions ? 1 : 0);
}

/**
 * Somebody else listens from now on, and does so already: what has come of a signal, but has not been told yet, is
 * lost when its last listener goes.
 *
 * @internal
 */
export function endEarlySignals(): void {
  listening?.end();
  listening = undefined;
}

function isSingleForTests(): boolean {
  try {
    const decision = currentRole({});
    return decision.role === 'single' && decision.why === 'test-run';
  } catch {
    // The options are wrong, which somebody else reports.
    return false;
  }
}
