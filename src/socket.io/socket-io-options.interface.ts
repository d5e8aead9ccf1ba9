/** Options of `ClusterSocketIoModule.forRoot()` and of `ClusterIoAdapter`. @publicApi */
export interface ClusterSocketIoOptions {
  /**
   * Milliseconds to wait for the answers of other workers, in `fetchSockets()` and in `serverSideEmit()` with an
   * acknowledgement.
   *
   * @defaultValue 5000
   */
  readonly requestsTimeout?: number;
}
