/** The connections of a process at one moment. @internal */
export interface ConnectionCounts {
  /** All connections. */
  readonly open: number;
  /** Connections without a request. */
  readonly idle: number;
  /** HTTP requests without a complete response. */
  readonly inFlight: number;
  /** WebSockets. */
  readonly webSockets: number;
  /** Messages of microservices in progress. */
  readonly messages: number;
}
