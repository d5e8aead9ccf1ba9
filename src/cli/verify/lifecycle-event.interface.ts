/**
 * What is used of an event of the diagnostics channel. It comes from another process, and perhaps from
 * another version of this package.
 *
 * @internal
 */
export interface LifecycleEvent {
  readonly type: string;
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** A worker's place; -1 is a spare's, which has none. */
  readonly slot?: number;
  readonly address?: { readonly address: string | null; readonly port: number | null };
  readonly outcome?: string;
  readonly duration?: number;
  readonly error?: string;
}

/** A line of the socket: an event, and the primary that it comes from. @internal */
export interface LifecycleReport {
  readonly primary: number;
  readonly event: LifecycleEvent;
}

/** Names, in the environment of the application, the socket that wants to know. @internal */
export const SOCKET_VARIABLE = 'NESTJS_CLUSTER_VERIFY_SOCKET';
