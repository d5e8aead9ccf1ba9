/**
 * Why the inspector of a worker cannot be used:
 *
 * - `silent`: it did not open in time
 * - `refused`: Node could not open it, for example because its port is in use
 * - `public`: it listens on an address that other machines reach
 * - `unread`: the standard error of the worker, on which Node tells the address, does not go through the primary
 * - `exited`: the worker has exited
 *
 * @internal
 */
export type InspectorProblem = 'silent' | 'refused' | 'public' | 'unread' | 'exited';

/** The inspector of a worker cannot be used. @internal */
export class InspectorError extends Error {
  override readonly name = 'InspectorError';

  constructor(
    readonly problem: InspectorProblem,
    detail: string = problem,
  ) {
    super(detail);
  }
}
