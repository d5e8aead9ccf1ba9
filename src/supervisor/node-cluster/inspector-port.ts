import { NO_SLOT } from '../../model/host-status.interface.js';

/**
 * Returns the inspector port of a slot: the port of the primary + 1 + the slot. By default, Node counts up with
 * every fork, so a debugger would lose its worker with each restart.
 *
 * @internal
 */
export function workerInspectorPort(slot: number, primaryPort: number): number {
  // Port 0 asks the system for any free port. Spares have no port of their own.
  return primaryPort === 0 || slot === NO_SLOT ? 0 : primaryPort + 1 + slot;
}

/**
 * Whether the primary was told to use any free inspector port. `process.debugPort` is the port that it got, and the
 * ports after it may belong to other processes.
 *
 * @internal
 */
export function takesAnyInspectorPort(execArgv: readonly string[]): boolean {
  return execArgv.some(arg => /^--(inspect(-brk|-wait|-port)?|debug-port)=(.*:)?0$/.test(arg));
}
