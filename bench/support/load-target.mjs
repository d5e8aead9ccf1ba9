import { connect } from 'node:net';

/**
 * One server under load, over a fixed number of connections with one request in flight on each. It uses HTTP over
 * bare sockets, because a client library would cost more than the server.
 */
export class LoadTarget {
  requests = 0;
  failures = 0;
  milliseconds = 0;
  #request;
  /** @type {Set<import('node:net').Socket>} those with nothing in flight */
  #idle = new Set();
  #inFlight = 0;
  #loading = false;
  /** @type {() => void} */
  #onQuiet = () => {};

  /**
   * @param {number} port
   * @param {Pick<import('./load.mjs').Load, 'path' | 'connections' | 'keepAlive'>} load
   */
  constructor(port, load) {
    this.port = port;
    this.load = load;
    this.#request = Buffer.from(
      `GET ${load.path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
        `Connection: ${load.keepAlive ? 'keep-alive' : 'close'}\r\n\r\n`,
    );
  }

  /**
   * Loads the server for a given time, until the last response has arrived.
   *
   * @param {number} milliseconds
   */
  async run(milliseconds) {
    const begunAt = performance.now();
    this.#loading = true;
    while (this.#inFlight < this.load.connections) {
      this.#send();
    }
    await new Promise(resolve => setTimeout(resolve, milliseconds));
    this.#loading = false;
    if (this.#inFlight > 0) {
      await new Promise(resolve => (this.#onQuiet = () => resolve(undefined)));
    }
    this.milliseconds += performance.now() - begunAt;
  }

  close() {
    this.#idle.forEach(socket => socket.destroy());
  }

  #send() {
    this.#inFlight++;
    const [socket] = this.#idle;
    if (socket) {
      this.#idle.delete(socket);
      socket.write(this.#request);
    } else {
      this.#open();
    }
  }

  #open() {
    const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true });
    let received = '';
    let answered = false;
    socket.on('connect', () => socket.write(this.#request));
    socket.on('data', chunk => {
      received += chunk.latin1Slice();
      const length = responseLength(received);
      if (length === 0 || received.length < length) {
        return;
      }
      this.failures += received.startsWith('HTTP/1.1 200') ? 0 : 1;
      received = '';
      if (!this.load.keepAlive) {
        // The connection ends before the next one begins, because its end is part of its cost.
        answered = true;
      } else if (this.#loading) {
        this.requests++;
        socket.write(this.#request);
      } else {
        this.#idle.add(socket);
        this.#answered();
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.#idle.delete(socket)) {
        return;
      }
      this.failures += answered ? 0 : 1;
      this.#answered();
    });
  }

  #answered() {
    this.requests++;
    this.#inFlight--;
    if (this.#loading) {
      this.#send();
    } else if (this.#inFlight === 0) {
      this.#onQuiet();
    }
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
  const field = received.indexOf('Content-Length: ');
  return head + 4 + Number.parseInt(received.slice(field + 16, field + 24), 10);
}
