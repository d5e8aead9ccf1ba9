import type { OperationResult } from './operation.js';

/**
 * Safety margin in milliseconds: covers the time between applying and giving up an operation, and clock differences.
 */
const MARGIN = 60_000;

/** What a backend remembers of an operation whose caller gave up. @internal */
export interface Recollection {
  /** The result, if its batch is the last one that the backend remembers of the lane. */
  readonly result?: OperationResult;
  /** Whether the backend would still remember the operation if it had applied it. */
  readonly isRemembered: boolean;
}

/**
 * Returns whether a backend with this retention still remembers operations that were given up at `at`, by its clock.
 * A time in the future means that its clock was set back, so that nothing is certain.
 *
 * @internal
 */
export function isRemembered(at: number, now: number, retention: number): boolean {
  return at - now < MARGIN && now - at < retention - MARGIN;
}
