import { ConnectionPool } from './connection-pool.mjs';

/** One server under load, over a fixed number of connections with one request in flight on each. */
export class LoadTarget {
  requests = 0;
  failures = 0;
  milliseconds = 0;
  #connections;
  #inFlight = 0;
  #loading = false;
  /** @type {() => void} */
  #onQuiet = () => {};

  /**
   * @param {number} port
   * @param {Pick<import('./load.mjs').Load, 'path' | 'connections' | 'keepAlive'>} load
   */
  constructor(port, load) {
    this.load = load;
    this.#connections = new ConnectionPool(port, load, (_, isFailure) => this.#ended(isFailure));
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
    this.#connections.close();
  }

  #send() {
    this.#inFlight++;
    this.#connections.take().send();
  }

  /** @param {boolean} isFailure */
  #ended(isFailure) {
    this.requests++;
    this.failures += isFailure ? 1 : 0;
    this.#inFlight--;
    if (this.#loading) {
      this.#send();
    } else if (this.#inFlight === 0) {
      this.#onQuiet();
    }
  }
}
