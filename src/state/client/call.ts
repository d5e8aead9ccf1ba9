import type { CallResult, Operation, OperationFailure, OperationName } from '../operation.js';

/** Converts the result of an operation to the value of the call, or throws the error to reject with. @internal */
export type Read<Name extends OperationName, Value> = (
  result: CallResult<Name> | OperationFailure,
  operation: Operation<Name>,
) => Value;

/**
 * One call on the shared state, with its deadline and its promise.
 *
 * @internal
 */
export class Call {
  /** Whether the promise is settled. */
  settled = false;
  /** Whether it is a read that went into another batch, because the results of the reads before it are large. */
  isDeferred = false;
  #deadline: number;
  #isExtended = false;

  /** @param deadline {@link monotonicNow} by which the call must settle */
  constructor(
    readonly operation: Operation,
    deadline: number,
    readonly replicas: number,
    private readonly read: (result: CallResult | OperationFailure, operation: Operation) => unknown,
    private readonly resolve: (value: unknown) => void,
    private readonly reject: (error: unknown) => void,
  ) {
    this.#deadline = deadline;
  }

  /** {@link monotonicNow} by which the call must settle. */
  get deadline(): number {
    return this.#deadline;
  }

  /**
   * Extends the deadline, at most once, so that the call settles even if the process is blocked again and again.
   *
   * @returns whether the deadline is now at least `deadline`
   */
  extend(deadline: number): boolean {
    if (!this.#isExtended && this.#deadline < deadline) {
      this.#isExtended = true;
      this.#deadline = deadline;
    }
    return this.#deadline >= deadline;
  }

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
