/**
 * The outcome of an operation that rejected with an `AmbiguousResultError`.
 *
 * @publicApi
 */
export type OperationOutcome =
  /**
   * The operation was applied. `value` is the result of the call, if the backend knows it: the value of a counter,
   * the result of a rate limit, or whether a key existed.
   */
  | { readonly status: 'applied'; readonly value: unknown }
  /** The operation was not applied, and will not be. */
  | { readonly status: 'not-applied' }
  /**
   * The backend no longer knows. It remembers operations for an hour, and forgets them when it restarts or when its
   * clock is set.
   */
  | { readonly status: 'forgotten' };
