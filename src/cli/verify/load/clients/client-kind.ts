/** The kinds of clients, in the order in which reports show them. @internal */
export const CLIENT_KINDS = ['keep-alive', 'one-shot', 'upload', 'sse', 'websocket'] as const;

/** @internal */
export type ClientKind = (typeof CLIENT_KINDS)[number];

/** The kinds that stay connected, and reconnect. @internal */
export const STREAM_KINDS: readonly ClientKind[] = ['sse', 'websocket'];
