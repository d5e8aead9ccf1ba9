import type { Operation, OperationName, OperationResult } from './operation.js';

/**
 * One call of somebody who waits for what comes of it.
 *
 * @internal
 */
export interface Call<Name extends OperationName = OperationName> {
  readonly operation: Operation<Name>;
  /** {@link monotonicNow} by which it settles, one way or the other. */
  readonly deadline: number;
  readonly replicas: number;
  /** Set when it has settled. */
  settled: boolean;
  resolve(result: OperationResult<Name>): void;
  reject(error: Error): void;
}
