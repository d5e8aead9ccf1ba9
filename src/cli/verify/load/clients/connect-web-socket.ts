import { UsageError } from '../../../usage.error.js';
import { verifyMessages } from '../../verify.messages.js';

/** The part of a WebSocket of `ws` that is used here. @internal */
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
 * Loads `ws`, which most applications with WebSockets have. Node has its own client since version 22, but that does
 * not report why it could not connect.
 *
 * @throws UsageError if `ws` is not installed
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
