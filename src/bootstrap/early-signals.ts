import { exitProcess, type Exit } from '../system/process/exit.js';
import { exitCodeOf, isFirstOfContainer } from '../system/process/signal-exit.js';
import { currentRole, isWorker } from './current-role.js';

/** The reaction to a signal. Signals without one keep their default action. @internal */
export type EarlyAction = 'exit' | 'ignore';

/** @internal */
export type EarlyActions = Readonly<Partial<Record<NodeJS.Signals, EarlyAction>>>;

/** @internal */
export interface EarlySignalsDependencies {
  readonly process: Pick<NodeJS.Process, 'prependListener' | 'off' | 'listenerCount'>;
  readonly exit: Exit;
}

/**
 * Returns how signals are handled from the import of this package until the supervisor, the runtime of a worker, or
 * the runtime of single mode takes over. All other signals keep their default action, because the process may have
 * imported the package without starting an application.
 *
 * - A worker leaves SIGINT, SIGHUP, SIGTTIN and SIGTTOU to the primary. It is certain to start an application.
 * - The first process of a container exits on SIGTERM and SIGINT, because it could not be ended otherwise.
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
  return isFirstOfContainer(facts.pid) ? { SIGTERM: 'exit', SIGINT: 'exit' } : {};
}

/** The listeners of this module. */
const ours = new WeakSet<object>();

/** The command signals of a running primary. */
const IGNORED_COMMANDS = { SIGHUP: 'ignore', SIGTTIN: 'ignore', SIGTTOU: 'ignore' } as const;

/**
 * Handles signals, unless the application has its own listener for a signal.
 *
 * @returns a function that stops listening
 * @internal
 */
export function handleEarlySignals(
  actions: EarlyActions,
  { process, exit }: EarlySignalsDependencies,
): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    if (actions[signal] === 'exit' && process.listenerCount(signal) === 1) {
      exit(exitCodeOf(signal));
    }
  };
  ours.add(onSignal);
  const signals = Object.keys(actions) as NodeJS.Signals[];
  // Before listeners of the application that remove themselves when they are called.
  signals.forEach(signal => process.prependListener(signal, onSignal));
  return () => signals.forEach(signal => process.off(signal, onSignal));
}

let stopListening: (() => void) | undefined;

/**
 * Starts listening once, when the package is imported. Not in a test run, where each test file imports it again.
 * @internal
 */
export function listenEarly(): void {
  if (!stopListening && !isSingleForTests()) {
    const actions = earlyActions({ isWorker: isWorker(), pid: process.pid });
    stopListening = handleEarlySignals(actions, { process, exit: exitProcess });
  }
}

/**
 * Ignores command signals in a primary that is about to fork its first workers: they run the newest code anyway.
 *
 * @returns a function that stops listening
 * @internal
 */
export function ignoreCommandsAtStart(
  deps: EarlySignalsDependencies = { process, exit: exitProcess },
): () => void {
  return handleEarlySignals(IGNORED_COMMANDS, deps);
}

/**
 * Handles signals in a primary that does not know its options yet, until the supervisor takes over. Command signals are
 * ignored.
 *
 * @internal
 */
export function takeEarlySignals(
  listeners: Readonly<Partial<Record<NodeJS.Signals, (signal: NodeJS.Signals) => void>>>,
): void {
  const ignore = ignoreCommandsAtStart();
  const entries = Object.entries(listeners) as [NodeJS.Signals, NodeJS.SignalsListener][];
  for (const [signal, listener] of entries) {
    ours.add(listener);
    process.on(signal, listener);
  }
  stopListening = () => {
    ignore();
    entries.forEach(([signal, listener]) => process.off(signal, listener));
  };
}

/** Whether the application has its own listener for a signal. @internal */
export function hasOwnListener(signal: NodeJS.Signals): boolean {
  return process.listeners(signal).some(listener => !ours.has(listener));
}

/**
 * Stops listening. The listeners that take over must exist already: a signal that has arrived but was not emitted
 * yet is lost when its last listener is removed.
 *
 * @internal
 */
export function endEarlySignals(): void {
  stopListening?.();
  stopListening = undefined;
}

function isSingleForTests(): boolean {
  try {
    const decision = currentRole({});
    return decision.role === 'single' && decision.why === 'test-run';
  } catch {
    // The options are invalid, which is reported elsewhere.
    return false;
  }
}
