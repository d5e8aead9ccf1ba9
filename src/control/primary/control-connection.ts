import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import { ControlError } from '../control-error.js';
import {
  type ControlHello,
  type ControlRefusalCode,
  type ControlReply,
  MAX_REQUEST_BYTES,
  type StopResult,
} from '../control-messages.js';
import { controlTexts, refusal } from '../control-text.js';
import { LineReader } from '../line-reader.js';
import { CONTROL_REQUESTS, type ParsedRequest, parseRequest } from '../parse-request.js';
import type { ControlledHost } from './controlled-host.interface.js';
import { handleRequest } from './handle-request.js';

/** Bytes that may wait for a client that reads slowly. With more, its connection is closed. */
const MAX_UNREAD_BYTES = 4 * 2 ** 20;

/** The maximum number of requests of one connection that wait for their last reply. */
const MAX_REQUESTS = 32;

/** What a connection needs. @internal */
export interface ConnectionTerms {
  readonly host: ControlledHost;
  readonly hello: ControlHello;
  /** Resolves when the host is about to exit. */
  readonly stopped: Promise<StopResult>;
}

/**
 * One client of the control socket.
 *
 * @internal
 */
export class ControlConnection {
  readonly #lines = new LineReader(MAX_REQUEST_BYTES);
  /** Aborts when the client reads no further items. */
  readonly #ended = new AbortController();
  #pending = 0;

  constructor(
    private readonly socket: Duplex,
    private readonly terms: ConnectionTerms,
  ) {
    setMaxListeners(0, this.#ended.signal);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#ended.abort());
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.once('end', () => {
      // It may have gone altogether, which only a write would show. So items end here, and last replies do not.
      this.#ended.abort();
      this.#endIfDone();
    });
    this.#write(terms.hello);
  }

  #take(chunk: Buffer): void {
    const lines = this.#lines.take(chunk);
    if (!lines) {
      this.#refuse('CONTROL_TOO_LONG');
      return;
    }
    for (const line of lines) {
      if (this.socket.destroyed || this.socket.writableEnded) {
        return;
      }
      this.#onRequest(parseRequest(line));
    }
  }

  #onRequest(request: ParsedRequest): void {
    switch (request.type) {
      case 'malformed':
        return this.#refuse('CONTROL_MALFORMED');
      case 'unknown': {
        const message = controlTexts.unknown(request.name, CONTROL_REQUESTS);
        return this.#fail(request.id, new ControlError('CONTROL_UNKNOWN', message));
      }
      case 'invalid':
        return this.#fail(request.id, new ControlError('CONTROL_INVALID', request.why));
      case 'request':
        return this.#pending < MAX_REQUESTS
          ? this.#handle(request)
          : this.#refuse('CONTROL_TOO_MANY_REQUESTS');
    }
  }

  #handle({ id, name, params }: Extract<ParsedRequest, { type: 'request' }>): void {
    const { host, stopped } = this.terms;
    const item = (value: unknown): void => this.#write({ id, type: 'item', value });
    this.#pending++;
    handleRequest(name, params, { host, item, signal: this.#ended.signal, stopped })
      .then(
        value => this.#write({ id, type: 'done', value }),
        (error: ControlError) => this.#fail(id, error),
      )
      .finally(() => {
        this.#pending--;
        this.#endIfDone();
      });
  }

  #fail(id: number, error: ControlError): void {
    this.#write({ id, type: 'failed', error: error.toFailure() });
  }

  /** Closes the connection, and says why. */
  #refuse(code: ControlRefusalCode): void {
    this.#write(refusal(code));
    this.socket.end(() => this.socket.destroy());
  }

  #write(message: ControlHello | ControlReply): void {
    const { socket } = this;
    if (socket.destroyed || socket.writableEnded) {
      return;
    }
    if (socket.writableLength > MAX_UNREAD_BYTES) {
      socket.destroy();
      return;
    }
    socket.write(`${JSON.stringify(message)}\n`);
  }

  /** A client that sends no more requests is still answered. */
  #endIfDone(): void {
    if (this.#ended.signal.aborted && this.#pending === 0) {
      this.socket.end();
    }
  }
}
