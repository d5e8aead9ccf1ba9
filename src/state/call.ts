import type { CallResult, Operation, OperationFailure, OperationName } from './operation.js';

/** What somebody makes of the result of an operation; throws what the caller is to be told instead. @internal */
export type Read<Name extends OperationName, Value> = (
  result: CallResult<Name> | OperationFailure,
  operation: Operation<Name>,
) => Value;

/**
 * One call of somebody who waits for what comes of it.
 *
 * @internal
 */
export class Call {
  /** Whether the caller has been told. */
  settled = false;

  constructor(
    readonly operation: Operation,
    /** {@link monotonicNow} by which it settles, one way or the other. */
    readonly deadline: number,
    readonly replicas: number,
    private readonly read: (result: CallResult | OperationFailure, operation: Operation) => unknown,
    private readonly resolve: (value: unknown) => void,
    private readonly reject: (error: unknown) => void,
  ) {}

  finish(result: CallResult | OperationFailure): void {
    if (this.settled) {
      return;
    }
    this.settled = true;
    try {
      this.resolve(this.read(result, this.operation));
    } catch (error) {
      this.reject(error);
    }
  }

  fail(error: Error): void {
    if (!this.settled) {
      this.settled = true;
      this.reject(error);
    }
  }
}
