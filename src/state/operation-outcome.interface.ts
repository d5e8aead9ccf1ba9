/**
 * What became of an operation that ended in an `AmbiguousResultError`.
 *
 * @publicApi
 */
export type OperationOutcome =
  /**
   * It was applied. `value` is what the call would have given, if the backend knows: the value of a
   * counter, the answer of a limit, whether a key was there.
   */
  | { readonly status: 'applied'; readonly value: unknown }
  /** It was not, and will not be. */
  | { readonly status: 'not-applied' }
  /** Asked too late: the backend remembers for an hour. */
  | { readonly status: 'forgotten' };
