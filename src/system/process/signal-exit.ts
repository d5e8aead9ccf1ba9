import { constants } from 'node:os';

/** The process id for which the kernel has no default actions for signals: the first process of a container. */
const FIRST_OF_CONTAINER = 1;

/** What a shell adds to the number of the signal that ended a process. */
const ENDED_BY_SIGNAL = 128;

/** Whether signals have no default actions in a process. @internal */
export function isFirstOfContainer(pid: number): boolean {
  return pid === FIRST_OF_CONTAINER;
}

/** Returns the exit code that a shell reports for a process that a signal has ended. @internal */
export function exitCodeOf(signal: NodeJS.Signals): number {
  return ENDED_BY_SIGNAL + constants.signals[signal];
}
