import { UsageError } from '../../settings/usage.error.js';
import { verifyMessages } from '../../verify.messages.js';

/** What of a WebSocket of the package `ws` is used. @internal */
export interface WebSocketLike {
  on(event: 'open', listener: () => void): void;
  on(event: 'message', listener: () => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'close', listener: (code: number) => void): void;
  on(
    event: 'unexpected-response',
    listener: (request: { destroy(): void }, response: { readonly statusCode?: number }) => void,
  ): void;
  send(text: string): void;
  close(code: number): void;
  terminate(): void;
}

/** @internal */
export type ConnectWebSocket = (url: URL, handshakeTimeout: number) => WebSocketLike;

/**
 * Loads `ws`, which an application with WebSockets mostly has. Node has a client of its own from version
 * 22 on, but that does not say why it could not connect.
 *
 * @throws UsageError if it is not installed
 * @internal
 */
export async function loadWebSocket(): Promise<ConnectWebSocket> {
  interface Package {
    readonly WebSocket: new (url: URL, options: { handshakeTimeout: number }) => WebSocketLike;
  }
  try {
    const { WebSocket } = (await import('ws')) as unknown as Package;
    return (url, handshakeTimeout) => new WebSocket(url, { handshakeTimeout });
  } catch (error) {
    throw new UsageError(verifyMessages.webSocketsNeedWs(), { cause: error });
  }
}
