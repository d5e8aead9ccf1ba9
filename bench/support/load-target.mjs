import { Connection } from './connection.mjs';

/** One server under load, over a fixed number of connections with one request in flight on each. */
export class LoadTarget {
  requests = 0;
  failures = 0;
  milliseconds = 0;
  /** @type {Set<Connection>} those with nothing in flight */
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
    this.#idle.forEach(connection => connection.destroy());
  }

  #send() {
    this.#inFlight++;
    const [idle] = this.#idle;
    const connection =
      idle ?? new Connection(this.port, this.load, (ended, how) => this.#ended(ended, how));
    this.#idle.delete(connection);
    connection.send();
  }

  /**
   * @param {Connection} connection
   * @param {'answered' | 'failed' | 'closed'} how
   */
  #ended(connection, how) {
    if (how === 'closed') {
      this.#idle.delete(connection);
      return;
    }
    this.requests++;
    this.failures += how === 'failed' ? 1 : 0;
    this.#inFlight--;
    if (this.load.keepAlive && how === 'answered') {
      this.#idle.add(connection);
    }
    if (this.#loading) {
      this.#send();
    } else if (this.#inFlight === 0) {
      this.#onQuiet();
    }
  }
}
