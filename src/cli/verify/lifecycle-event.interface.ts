/**
 * The used properties of an event on the diagnostics channel. It comes from another process, which may have another
 * version of this package.
 *
 * @internal
 */
export interface LifecycleEvent {
  readonly type: string;
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The slot of a worker; −1 for a spare. */
  readonly slot?: number;
  readonly address?: { readonly address: string | null; readonly port: number | null };
  readonly outcome?: string;
  readonly duration?: number;
  readonly error?: string;
}

/** A line of the socket: an event, and the process id of its primary. @internal */
export interface LifecycleReport {
  readonly primary: number;
  readonly event: LifecycleEvent;
}

/** The environment variable that tells the application the path of the socket. @internal */
export const SOCKET_VARIABLE = 'NESTJS_CLUSTER_VERIFY_SOCKET';
