/** The kinds of clients that a load is made of, in the order in which reports show them. @internal */
export const CLIENT_KINDS = ['keep-alive', 'one-shot', 'upload', 'sse', 'websocket'] as const;

/** @internal */
export type ClientKind = (typeof CLIENT_KINDS)[number];

/** Those that stay connected, and come back when they are told to. @internal */
export const STREAM_KINDS: readonly ClientKind[] = ['sse', 'websocket'];
