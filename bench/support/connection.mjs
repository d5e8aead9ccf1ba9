import { connect } from 'node:net';

/**
 * A connection of a load generator, with one request in flight at most. It uses HTTP over a bare socket, because a client
 * library would cost more than the server.
 */
export class Connection {
  #socket;
  #request;
  #keepAlive;
  #onEnd;
  #received = '';
  #answered = false;
  #inFlight = false;

  /**
   * @param {number} port
   * @param {{ path: string, keepAlive: boolean }} options
   * @param {(connection: Connection, how: 'answered' | 'failed' | 'closed') => void} onEnd the request has ended, or the
   *   connection was closed while none was in flight. A request without keep-alive ends with its connection, because the
   *   end of the connection is part of its cost.
   */
  constructor(port, { path, keepAlive }, onEnd) {
    this.#keepAlive = keepAlive;
    this.#onEnd = onEnd;
    this.#request = Buffer.from(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
        `Connection: ${keepAlive ? 'keep-alive' : 'close'}\r\n\r\n`,
    );
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', chunk => this.#receive(chunk.latin1Slice()));
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => this.#close());
  }

  send() {
    this.#received = '';
    this.#answered = false;
    this.#inFlight = true;
    this.#socket.write(this.#request);
  }

  destroy() {
    this.#socket.destroy();
  }

  /** @param {string} text */
  #receive(text) {
    this.#received += text;
    const length = responseLength(this.#received);
    if (length === 0 || this.#received.length < length) {
      return;
    }
    this.#answered = this.#received.startsWith('HTTP/1.1 200');
    if (this.#keepAlive) {
      this.#end();
    }
  }

  #close() {
    if (this.#inFlight) {
      this.#end();
    } else {
      this.#onEnd(this, 'closed');
    }
  }

  #end() {
    this.#inFlight = false;
    this.#onEnd(this, this.#answered ? 'answered' : 'failed');
  }
}

/**
 * @param {string} received
 * @returns {number} the length of the response, 0 while it is not known
 */
function responseLength(received) {
  const head = received.indexOf('\r\n\r\n');
  if (head < 0) {
    return 0;
  }
  const length = /^content-length: (\d+)/im.exec(received)?.[1];
  return head + 4 + Number(length);
}
