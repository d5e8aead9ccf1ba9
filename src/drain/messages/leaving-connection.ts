import type { Socket } from 'node:net';

/** The part of a handle of Node that is used here. @internal */
export interface SocketHandle {
  reading?: boolean;
  readStart?(): unknown;
  readStop?(): unknown;
}

/** The state of Nest's parser of a connection (`JsonSocket`). @internal */
export interface MessageParser {
  readonly buffer?: unknown;
  readonly contentLength?: unknown;
  readonly isBackpressured?: unknown;
}

/** Milliseconds after which a connection is closed whose client does not close it in turn. */
const CLOSING_MILLISECONDS = 1_000;

/** @internal */
export interface LeavingTerms {
  /** The parser of the connection, if it is known. */
  readonly parser: MessageParser | undefined;
  /** The number of messages of this connection that are in progress. */
  readonly inProgress: () => number;
  /** Gives the connection to another worker, if it can be sent; `undefined` if no other worker can take it. */
  readonly handOver: ((handle: SocketHandle) => Promise<boolean>) | undefined;
}

/**
 * A connection of Nest's TCP transport in a worker that leaves. It reads no further messages, answers those in progress,
 * and then goes to another worker, between two messages: its client notices nothing. The unread messages are in the
 * kernel, which belongs to the connection.
 *
 * If no other worker can take it, or the system refuses to send it, it is closed. Its client may be about to send: events
 * that arrive before the client has noticed are still handled. Messages cannot be answered any more, and are ignored; Nest's client reports
 * `Connection closed`.
 *
 * @internal
 */
export class LeavingConnection {
  #state: 'reading' | 'parked' | 'leaving' = 'reading';
  #isEnded = false;

  constructor(
    private readonly socket: Socket,
    private readonly terms: LeavingTerms,
  ) {
    // After Nest's own listener, so that the parser has read the data.
    socket.on('data', this.#check);
    this.#check();
  }

  /** Whether messages that need a response can no longer be answered. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Must be called when a message of this connection has ended. */
  onMessageEnded(): void {
    this.#check();
  }

  readonly #check = (): void => {
    if (this.#state === 'reading' && this.#park()) {
      this.#state = 'parked';
      this.socket.off('data', this.#check);
    }
    if (this.#state === 'parked' && this.terms.inProgress() === 0) {
      this.#state = 'leaving';
      // The callback follows when everything before it is with the kernel.
      this.socket.write('', () => void this.#leave());
    }
  };

  /** Stops reading; between two messages, if the connection goes to another worker. */
  #park(): boolean {
    const { socket, terms } = this;
    if (!terms.handOver) {
      socket.pause();
      return true;
    }
    const handle = handleOf(socket);
    if (!handle?.readStop || !isBetweenMessages(socket, terms.parser)) {
      return false;
    }
    handle.readStop();
    handle.reading = false;
    return true;
  }

  async #leave(): Promise<void> {
    const { socket, terms } = this;
    const handle = handleOf(socket);
    if (handle && (await terms.handOver?.(handle))) {
      // This closes the copy of this process only.
      socket.destroy();
      return;
    }
    this.#isEnded = true;
    socket.setTimeout(CLOSING_MILLISECONDS, () => socket.destroy());
    socket.end();
    if (handle && terms.handOver) {
      handle.reading = true;
      handle.readStart?.();
    }
    socket.resume();
  }
}

function isBetweenMessages(socket: Socket, parser: MessageParser | undefined): boolean {
  return (
    parser?.buffer === '' &&
    parser.contentLength === null &&
    !parser.isBackpressured &&
    socket.readableLength === 0
  );
}

// oxlint-disable no-underscore-dangle -- Node's own name
function handleOf(socket: Socket & { _handle?: SocketHandle | null }): SocketHandle | undefined {
  return socket._handle ?? undefined;
}
// oxlint-enable no-underscore-dangle
