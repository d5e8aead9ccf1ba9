/** One client of a load. @internal */
export interface Client {
  /** Sends requests repeatedly; resolves when it was stopped and its last request has ended. */
  run(): Promise<void>;
  /** Starts no further requests, and closes long-lived connections. */
  stop(): void;
  /** Whether it is connected; `false` is possible only for clients that stay connected. */
  readonly isConnected: boolean;
}
