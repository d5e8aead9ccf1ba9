import { Connection } from './connection.mjs';

/** The connections of a load generator to one server. Those with nothing in flight are used again. */
export class ConnectionPool {
  /** @type {Set<Connection>} */
  #idle = new Set();
  #port;
  #options;
  #onEnd;

  /**
   * @param {number} port
   * @param {{ path: string, keepAlive: boolean }} options
   * @param {(connection: Connection, isFailure: boolean) => void} onEnd called when a request has ended
   */
  constructor(port, options, onEnd) {
    this.#port = port;
    this.#options = options;
    this.#onEnd = onEnd;
  }

  /** @returns a connection with nothing in flight */
  take() {
    const [idle] = this.#idle;
    const connection =
      idle ?? new Connection(this.#port, this.#options, (ended, how) => this.#ended(ended, how));
    this.#idle.delete(connection);
    return connection;
  }

  close() {
    this.#idle.forEach(connection => connection.destroy());
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
    if (this.#options.keepAlive && how === 'answered') {
      this.#idle.add(connection);
    }
    this.#onEnd(connection, how === 'failed');
  }
}
