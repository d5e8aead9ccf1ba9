import { NO_SLOT } from '../../model/host-status.interface.js';

/**
 * The inspector port of a slot: the primary's, plus one, plus the slot. Left to itself, Node counts
 * up with every fork, and a debugger loses its worker with each restart.
 *
 * @internal
 */
export function workerInspectorPort(slot: number, primaryPort: number): number {
  // Port 0 asks the system for any free port. Spares have no port of their own.
  return primaryPort === 0 || slot === NO_SLOT ? 0 : primaryPort + 1 + slot;
}

/**
 * Whether the primary was asked to take any free port: `process.debugPort` tells which one it then got,
 * and the next ones may be anybody's.
 *
 * @internal
 */
export function takesAnyInspectorPort(execArgv: readonly string[]): boolean {
  return execArgv.some(arg => /^--(inspect(-brk|-wait|-port)?|debug-port)=(.*:)?0$/.test(arg));
}
