/** Which clients there are, and what they ask for. @internal */
export interface LoadPlan {
  /** Milliseconds after which a request without an answer is hung. */
  readonly patience: number;
  /** What the first two kinds ask for. */
  readonly path: string;
  /** How many keep their connection. */
  readonly keepAlive: number;
  /** How many open a connection for each request. */
  readonly oneShot: number;
  /** Every other client that keeps its connection waits for up to so many milliseconds between requests. */
  readonly pause: number;
  readonly uploads?: {
    readonly count: number;
    readonly path: string;
    readonly type: string;
    readonly body: Buffer;
  };
  readonly sse?: { readonly count: number; readonly path: string };
  readonly webSockets?: {
    readonly count: number;
    readonly path: string;
    readonly message?: string;
  };
}
