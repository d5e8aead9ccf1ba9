/** Options of `ClusterSocketIoModule.forRoot()` and of `ClusterIoAdapter`. @publicApi */
export interface ClusterSocketIoOptions {
  /**
   * Milliseconds to wait for the answers of other workers, in `fetchSockets()` and in `serverSideEmit()` with an
   * acknowledgement.
   *
   * @defaultValue 5000
   */
  readonly requestsTimeout?: number;
  /**
   * Whether clients that reconnect get the events that they missed, in order: Socket.IO's connection state recovery, over
   * all workers. With it, Socket.IO adds the offset to the arguments of each event that clients receive. A gateway can
   * set it for its own server, with Socket.IO's option `connectionStateRecovery`.
   *
   * @defaultValue false
   */
  readonly recovery?: false | RecoveryOptions;
}

/** Options of the connection state recovery. @publicApi */
export interface RecoveryOptions {
  /**
   * Milliseconds for which events and sessions are stored for a client that has disconnected.
   *
   * @defaultValue 120000
   */
  readonly maxDisconnection?: number;
}
