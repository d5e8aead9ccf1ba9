import type { ClientKind } from './clients/client-kind.js';

/**
 * What can become of a request that was not answered as it should be.
 *
 * - `lost`: the connection was closed before the answer was complete
 * - `reset`: the connection was reset before there was an answer
 * - `refused`: there was no connection to be had
 * - `hung`: nothing came in time
 * - `5xx`: the answer had such a status
 * - `wrong`: it had another status than 2xx, or said something wrong
 *
 * @internal
 */
export const FAILURE_KINDS = ['lost', 'reset', 'refused', 'hung', '5xx', 'wrong'] as const;

/** @internal */
export type FailureKind = (typeof FAILURE_KINDS)[number];

/** What a client knows of a failure. @internal */
export interface RequestFailure {
  readonly kind: FailureKind;
  /** The code of the error, a status, a code of a WebSocket's end. */
  readonly code: string;
  /** Whether something had been asked on the connection before. */
  readonly reused: boolean;
  /** When its connection was begun. Milliseconds since the epoch. */
  readonly openedAt?: number;
}

/** A failure as it is reported. @internal */
export interface ReportedFailure extends RequestFailure {
  readonly client: ClientKind;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Milliseconds since a worker was killed, if one has been. */
  readonly sinceKill?: number;
}

/** What Node says when a connection is closed before the answer begins, and when before it ends. */
const CLOSED = new Set(['socket hang up', 'aborted']);

/** @internal */
export function kindOfError(error: Error, connected: boolean): FailureKind {
  if (!connected) {
    return 'refused';
  }
  return CLOSED.has(error.message) ? 'lost' : 'reset';
}

/** The failure that a status means, if it means one. @internal */
export function kindOfStatus(status: number): FailureKind | undefined {
  if (status >= 500) {
    return '5xx';
  }
  return status >= 200 && status < 300 ? undefined : 'wrong';
}

/** What an error is called in a report. @internal */
export function codeOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return CLOSED.has(error.message) || code === undefined ? error.message : code;
}
