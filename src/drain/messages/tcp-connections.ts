import { Server, type Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { LeavingConnection, type MessageParser, type SocketHandle } from './leaving-connection.js';
import type { MessagesInProgress } from './messages-in-progress.js';
import type { MessageTransport } from './transport.interface.js';

/** Nest's TCP transport, as far as it is used here. @internal */
export interface TcpTransport extends MessageTransport {
  readonly server: Server;
  /** Returns the parser of a new connection. */
  getSocketInstance?(socket: Socket): MessageParser;
  /** Prevents that the transport listens again when its server has closed. */
  isManuallyTerminated?: boolean;
}

/** Gives a connection of this server to another worker. @internal */
export type HandOver = (handle: SocketHandle) => Promise<boolean>;

/** @internal */
export function isTcpTransport(transport: MessageTransport): transport is TcpTransport {
  return 'server' in transport && transport.server instanceof Server;
}

/**
 * The connections of a TCP transport, and how they leave this process.
 *
 * @internal
 */
export class TcpConnections {
  readonly #open = new Set<Socket>();
  readonly #parsers = new WeakMap<Socket, MessageParser>();
  readonly #leaving = new Map<object, LeavingConnection>();
  #onClosed: () => void = () => {};

  /** Observes a transport that does not listen yet. */
  constructor(
    private readonly transport: TcpTransport,
    private readonly messages: MessagesInProgress,
  ) {
    const { server } = transport;
    const getSocketInstance = transport.getSocketInstance?.bind(transport);
    server.on(this.#isSecure ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.once('close', () => {
        this.#open.delete(socket);
        this.#leaving.delete(socket);
        this.#onClosed();
      });
    });
    if (getSocketInstance) {
      transport.getSocketInstance = socket => {
        const parser = getSocketInstance(socket);
        this.#parsers.set(socket, parser);
        return parser;
      };
    }
  }

  /** The number of open connections. */
  get size(): number {
    return this.#open.size;
  }

  get server(): Server {
    return this.transport.server;
  }

  /** Whether the message arrives too late to be answered. Events have no id, and are handled. */
  refuses(socket: object, message: unknown): boolean {
    const { id } = (message ?? {}) as { readonly id?: unknown };
    return id !== undefined && this.#leaving.get(socket)?.isEnded === true;
  }

  /** Accepts no further connections. */
  stopAccepting(): void {
    const { server } = this.transport;
    this.transport.isManuallyTerminated = true;
    if (server.listening) {
      server.close();
    }
  }

  /**
   * Lets all connections leave.
   *
   * @param handOver `undefined` if no other worker can take connections
   * @param onClosed called when a connection has closed
   */
  leave(handOver: HandOver | undefined, onClosed: () => void): void {
    this.#onClosed = onClosed;
    for (const socket of this.#open) {
      const parser = this.#parsers.get(socket);
      const isMovable = !this.#isSecure && parser !== undefined && 'contentLength' in parser;
      const leaving = new LeavingConnection(socket, {
        parser,
        inProgress: () => this.messages.from(socket),
        handOver: isMovable ? handOver : undefined,
      });
      this.#leaving.set(socket, leaving);
    }
  }

  /** Must be called when a message has ended. */
  onMessageEnded(source: object): void {
    this.#leaving.get(source)?.onMessageEnded();
  }

  /** The keys of an encrypted connection are in this process. */
  get #isSecure(): boolean {
    return this.transport.server instanceof TlsServer;
  }
}
