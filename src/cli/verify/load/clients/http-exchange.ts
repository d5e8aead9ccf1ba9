import type { Agent, ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import {
  codeOf,
  kindOfError,
  kindOfStatus,
  type FailureKind,
  type RequestFailure,
} from '../request-failure.js';
import { transportFor } from './http-transport.js';
import { steadyTime } from '../../../../system/time/steady-time.js';

/** @internal */
export interface Question {
  readonly url: URL;
  readonly agent: Agent;
  /** Milliseconds after which the request counts as hung. */
  readonly patience: number;
  readonly method?: 'GET' | 'POST';
  readonly headers?: OutgoingHttpHeaders;
  /** Sends the body; `isOver` returns whether the request has ended. */
  readonly send?: (request: ClientRequest, isOver: () => boolean) => Promise<void>;
  /** Returns what is wrong with a response, if something is. Without it, the body is ignored. */
  readonly check?: (body: string) => string | undefined;
  /** Called when the response, which is a stream, begins; `patience` applies until then. */
  readonly onStream?: () => void;
  /** Aborts the request. */
  readonly signal?: AbortSignal;
}

/** The outcome of an exchange. @internal */
export type Outcome =
  { readonly requestFailure?: undefined } | { readonly requestFailure: RequestFailure };

/** The time at which each connection was opened, for requests on reused connections. */
const connections = new WeakMap<Socket, number>();

/**
 * Sends one request, and resolves with its outcome.
 *
 * A connection that the server closed while it was idle is not a failure: the agent has dropped it. A connection
 * that is closed or reset after a request was sent on it is a failure, because only the server knows whether the
 * request was processed.
 *
 * @internal
 */
export function exchange(question: Question): Promise<Outcome> {
  return new Promise(resolve => new Exchange(question, resolve));
}

class Exchange {
  readonly #request: ClientRequest;
  readonly #deadline: NodeJS.Timeout;
  #openedAt: number | undefined;
  #connected = false;
  #reused = false;
  #isOver = false;

  constructor(
    private readonly question: Question,
    private readonly settle: (outcome: Outcome) => void,
  ) {
    const { url, agent, patience, method = 'GET', headers = {}, send, signal } = question;
    const options = { agent, method, headers, ...(signal && { signal }) };
    this.#deadline = setTimeout(() => this.#fail('hung', 'no answer'), patience);
    this.#request = transportFor(url).request(url, options);
    this.#request.on('socket', socket => this.#onSocket(socket));
    this.#request.on('response', response => this.#onResponse(response));
    this.#request.on('error', error => this.#onError(error));
    if (send) {
      void send(this.#request, () => this.#isOver);
    } else {
      this.#request.end();
    }
  }

  #onSocket(socket: Socket): void {
    this.#reused = this.#request.reusedSocket;
    this.#connected = !socket.connecting;
    if (socket.connecting) {
      connections.set(socket, steadyTime());
      socket.once('connect', () => (this.#connected = true));
    }
    this.#openedAt = connections.get(socket);
  }

  #onResponse(response: IncomingMessage): void {
    const status = response.statusCode ?? 0;
    const kind = kindOfStatus(status);
    if (this.question.onStream && kind === undefined) {
      clearTimeout(this.#deadline);
      this.question.onStream();
    }
    const chunks: Buffer[] = [];
    if (this.question.check) {
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
    } else {
      response.resume();
    }
    response.on('error', error => this.#onError(error));
    response.on('end', () => {
      const fault = kind ?? this.question.check?.(Buffer.concat(chunks).toString());
      if (kind !== undefined) {
        this.#fail(kind, `status ${status}`);
      } else if (fault !== undefined) {
        this.#fail('wrong', fault);
      } else {
        this.#end({});
      }
    });
  }

  #onError(error: Error): void {
    this.#fail(kindOfError(error, this.#connected), codeOf(error));
  }

  #fail(kind: FailureKind, code: string): void {
    const openedAt = this.#openedAt;
    const requestFailure = { kind, code, reused: this.#reused };
    this.#end({
      requestFailure: openedAt === undefined ? requestFailure : { ...requestFailure, openedAt },
    });
    if (kind === 'hung') {
      this.#request.destroy();
    }
  }

  #end(outcome: Outcome): void {
    if (!this.#isOver) {
      this.#isOver = true;
      clearTimeout(this.#deadline);
      this.settle(outcome);
    }
  }
}
