/**
 * The inspector port of a slot: the primary's, plus one, plus the slot. Left to itself, Node counts
 * up with every fork, and a debugger loses its worker with each restart.
 *
 * @internal
 */
export function workerInspectorPort(slot: number, primaryPort: number): number {
  // Port 0 asks the system for any free port, and does so for every worker.
  return primaryPort === 0 ? 0 : primaryPort + 1 + slot;
}
