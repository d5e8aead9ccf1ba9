import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A session of an Engine.IO server. @internal */
export interface EngineSession {
  readonly transport: {
    readonly name: string;
    /** Of long polling: whether a request waits for messages. */
    readonly writable?: boolean;
    /** The WebSocket, if that is its transport. */
    readonly socket?: { close(code: number): void };
    send(packets: readonly { readonly type: string }[]): void;
  };
}

/** The part of an Engine.IO server that is used here. @internal */
export interface Engine {
  readonly clients: Readonly<Record<string, EngineSession>>;
  readonly clientsCount: number;
  /** In milliseconds. */
  readonly opts?: { readonly pingInterval?: number; readonly pingTimeout?: number };
  on(
    event: 'connection',
    listener: (session: { once(event: 'close', listener: () => void): unknown }) => void,
  ): unknown;
  generateId(request: IncomingMessage): string | PromiseLike<string>;
  handleRequest(request: IncomingMessage, response: ServerResponse): void;
  handleUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void;
}

/** How an Engine.IO server handles what reaches it, without forwarding. @internal */
export interface OwnEngine {
  readonly engine: Engine;
  handleRequest(request: IncomingMessage, response: ServerResponse): void;
  handleUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void;
}
