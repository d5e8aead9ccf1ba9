/** The clients of a load, and their requests. @internal */
export interface LoadPlan {
  /** Milliseconds after which a request without an answer is hung. */
  readonly patience: number;
  /** The path that keep-alive and one-shot clients request. */
  readonly path: string;
  /** The number of keep-alive clients. */
  readonly keepAlive: number;
  /** The number of one-shot clients. */
  readonly oneShot: number;
  /** Maximum pause in ms between the requests of every other keep-alive client. */
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
