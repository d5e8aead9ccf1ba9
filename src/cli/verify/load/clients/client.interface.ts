/** One client of a load. @internal */
export interface Client {
  /** Asks and asks; resolves when it has been told to stop, and has come to its end. */
  run(): Promise<void>;
  /** Begins nothing more. What stays connected leaves. */
  stop(): void;
  /** Whether it has what it wants: only of those that stay connected can that be false. */
  readonly isConnected: boolean;
}
