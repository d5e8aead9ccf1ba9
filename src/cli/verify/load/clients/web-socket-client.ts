import type { Client } from './client.interface.js';
import {
  codeOf,
  type FailureKind,
  kindOfError,
  kindOfStatus,
  type RequestFailure,
} from '../request-failure.js';
import { untilRetry } from '../retry.js';
import type { Tally } from '../tally.js';
import type { ConnectWebSocket, WebSocketLike } from './connect-web-socket.js';
import { steadyTime } from '../../../../system/time/steady-time.js';

/** "Going Away" and "Service Restart", after which the client reconnects. */
const COME_BACK = new Set([1001, 1012]);
const NORMAL_CLOSURE = 1000;

const BETWEEN_MESSAGES_MILLISECONDS = 100;

/** @internal */
export interface WebSocketClientOptions {
  readonly url: URL;
  /** Milliseconds until the connection must be open, and until a message must be answered. */
  readonly patience: number;
  /** The message to send repeatedly, each time after an answer; without it, nothing is sent. */
  readonly message?: string;
}

/**
 * Stays connected to a WebSocket, and reconnects at once when it is closed with such a code.
 *
 * @internal
 */
export class WebSocketClient implements Client {
  #socket: WebSocketLike | undefined;
  #connected = false;
  #stopped = false;

  constructor(
    private readonly options: WebSocketClientOptions,
    private readonly connect: ConnectWebSocket,
    private readonly tally: Tally,
  ) {}

  get isConnected(): boolean {
    return this.#connected;
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      const requestFailure = await this.#connection();
      this.#connected = false;
      if (this.#stopped) {
        return;
      }
      if (requestFailure) {
        this.tally.fail('websocket', requestFailure);
        await untilRetry();
      } else {
        this.tally.endCleanly('websocket');
      }
    }
  }

  stop(): void {
    this.#stopped = true;
    if (this.#connected) {
      this.#socket?.close(NORMAL_CLOSURE);
    } else {
      this.#socket?.terminate();
    }
  }

  /** Resolves at the end of a connection, with its failure if it had one. */
  #connection(): Promise<RequestFailure | undefined> {
    const { url, patience, message } = this.options;
    const { phase } = this.tally;
    const begunAt = performance.now();
    const socket = this.connect(url, patience);
    this.#socket = socket;
    const openedAt = steadyTime();
    let timer: NodeJS.Timeout | undefined;
    return new Promise<RequestFailure | undefined>(resolve => {
      const end = (requestFailure?: RequestFailure): void => {
        clearTimeout(timer);
        resolve(requestFailure);
      };
      const fail = (kind: FailureKind, code: string): void =>
        end({ kind, code, reused: false, openedAt });
      const say = (): void => {
        if (message !== undefined) {
          clearTimeout(timer);
          timer = setTimeout(() => {
            socket.send(message);
            timer = setTimeout(() => {
              fail('hung', 'no answer to a message');
              socket.terminate();
            }, patience);
          }, BETWEEN_MESSAGES_MILLISECONDS);
        }
      };
      socket.on('open', () => {
        this.#connected = true;
        this.tally.answer('websocket', performance.now() - begunAt, phase);
        say();
      });
      socket.on('message', say);
      socket.on('unexpected-response', (request, { statusCode = 0 }) => {
        fail(kindOfStatus(statusCode) ?? 'wrong', `status ${statusCode}`);
        request.destroy();
      });
      socket.on('error', error => fail(kindOfHandshakeError(error), codeOf(error)));
      socket.on('close', code => {
        if (COME_BACK.has(code)) {
          end();
        } else {
          fail('lost', `closed with ${code}`);
        }
      });
    });
  }
}

/** Returns the kind of a failed handshake. Errors of an open connection are followed by its close code. */
function kindOfHandshakeError(error: Error): FailureKind {
  if (error.message === 'Opening handshake has timed out') {
    return 'hung';
  }
  const { code } = error as NodeJS.ErrnoException;
  return kindOfError(error, code !== 'ECONNREFUSED');
}
