import type { OperationResult } from './operation.js';

/** Milliseconds between the application of an operation and its being given up, and between two clocks, at most. */
const MARGIN = 60_000;

/** What a backend knows of an operation that somebody gave up. @internal */
export interface Recollection {
  /** What came of it, if its batch is the last of its lane that is known. */
  readonly result?: OperationResult;
  /** Whether it would be known if it had been applied. */
  readonly isRemembered: boolean;
}

/**
 * Whether a backend that remembers for so long still knows what was given up at some time of its clock. Of a
 * time that is yet to come nobody can tell: its clock was set back.
 *
 * @internal
 */
export function isRemembered(at: number, now: number, retention: number): boolean {
  return at - now < MARGIN && now - at < retention - MARGIN;
}
