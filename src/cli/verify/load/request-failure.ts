import type { ClientKind } from './clients/client-kind.js';

/**
 * The kinds of failed requests:
 *
 * - `lost`: the connection was closed before the response was complete
 * - `reset`: the connection was reset before there was a response
 * - `refused`: no connection could be opened
 * - `hung`: no response in time
 * - `5xx`: a response with a 5xx status
 * - `wrong`: a response with another status than 2xx, or with wrong content
 *
 * @internal
 */
export const FAILURE_KINDS = ['lost', 'reset', 'refused', 'hung', '5xx', 'wrong'] as const;

/** @internal */
export type FailureKind = (typeof FAILURE_KINDS)[number];

/** A failure as its client sees it. @internal */
export interface RequestFailure {
  readonly kind: FailureKind;
  /** The code of the error, the status, or the close code of a WebSocket. */
  readonly code: string;
  /** Whether the connection had been used for a request before. */
  readonly reused: boolean;
  /** When the connection was opened, in ms since the epoch. */
  readonly openedAt?: number;
}

/** A failure in a report. @internal */
export interface ReportedFailure extends RequestFailure {
  readonly client: ClientKind;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Milliseconds since the last kill of a worker, if there was one. */
  readonly sinceKill?: number;
}

/** Node's messages for a connection that is closed before the response begins, and before it ends. */
const CLOSED = new Set(['socket hang up', 'aborted']);

/** @internal */
export function kindOfError(error: Error, connected: boolean): FailureKind {
  if (!connected) {
    return 'refused';
  }
  return CLOSED.has(error.message) ? 'lost' : 'reset';
}

/** Returns the failure that a status means, if it means one. @internal */
export function kindOfStatus(status: number): FailureKind | undefined {
  if (status >= 500) {
    return '5xx';
  }
  return status >= 200 && status < 300 ? undefined : 'wrong';
}

/** Returns the code of an error in a report. @internal */
export function codeOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return CLOSED.has(error.message) || code === undefined ? error.message : code;
}
