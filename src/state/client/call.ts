import type { CallResult, Operation, OperationFailure, OperationName } from '../operation.js';

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
  #deadline: number;
  #isExtended = false;

  /** @param deadline {@link monotonicNow} by which it settles, one way or the other */
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

  /** {@link monotonicNow} by which it settles, one way or the other. */
  get deadline(): number {
    return this.#deadline;
  }

  /**
   * Puts the deadline off, once: a process that is blocked again and again gives an answer, too.
   *
   * @returns whether the deadline is this or a later one now
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
