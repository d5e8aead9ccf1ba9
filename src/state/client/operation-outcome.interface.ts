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
  /**
   * The backend cannot tell any more: it remembers for an hour, and forgets with its end, or if its clock is set.
   */
  | { readonly status: 'forgotten' };
