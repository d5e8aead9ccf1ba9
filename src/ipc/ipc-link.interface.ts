/** One end of Node's channel: `process` in a worker, its `ChildProcess` in the primary. @internal */
export interface IpcLink {
  readonly connected: boolean;
  send?(message: object, written: (error: Error | null) => void): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'disconnect', listener: () => void): unknown;
}
