import { ConnectionPool } from './connection-pool.mjs';
import { percentile } from './statistics.mjs';

/** More requests than this are not in flight at once. Further ones wait, and their time runs. */
const MOST_CONNECTIONS = 256;

/**
 * One server under a load of a fixed number of requests per second, whether it answers in time or not. The time that a
 * request waits for a connection is part of its latency.
 */
export class PacedTarget {
  failures = 0;
  /** @type {number[]} */
  #latencies = [];
  #connections;
  /** @type {Map<import('./connection.mjs').Connection, number>} when their requests began */
  #inFlight = new Map();
  /** @type {number[]} when the requests began that wait for a connection */
  #waiting = [];
  /** @type {() => void} */
  #onQuiet = () => {};

  /**
   * @param {number} port
   * @param {{ path: string, keepAlive: boolean, perSecond: number }} load
   */
  constructor(port, load) {
    this.load = load;
    this.#connections = new ConnectionPool(port, load, (...end) => this.#ended(...end));
  }

  /**
   * @param {number} milliseconds
   * @returns {Promise<void>} when the last response has arrived
   */
  async run(milliseconds) {
    const begunAt = performance.now();
    const pause = 1_000 / this.load.perSecond;
    let due = begunAt;
    while (due < begunAt + milliseconds) {
      // Timers are accurate to a millisecond: what is due in one begins together.
      const now = performance.now();
      for (; due <= now; due += pause) {
        this.#send(now);
      }
      await new Promise(resolve => setTimeout(resolve, Math.max(1, due - performance.now())));
    }
    if (this.#inFlight.size > 0) {
      await new Promise(resolve => (this.#onQuiet = () => resolve(undefined)));
    }
  }

  /** In milliseconds. */
  percentiles() {
    return { p50: percentile(this.#latencies, 0.5), p99: percentile(this.#latencies, 0.99) };
  }

  close() {
    this.#connections.close();
  }

  /** @param {number} begunAt */
  #send(begunAt) {
    if (this.#inFlight.size >= MOST_CONNECTIONS) {
      this.#waiting.push(begunAt);
      return;
    }
    const connection = this.#connections.take();
    this.#inFlight.set(connection, begunAt);
    connection.send();
  }

  /**
   * @param {import('./connection.mjs').Connection} connection
   * @param {boolean} isFailure
   */
  #ended(connection, isFailure) {
    this.#latencies.push(performance.now() - (this.#inFlight.get(connection) ?? NaN));
    this.#inFlight.delete(connection);
    this.failures += isFailure ? 1 : 0;
    const next = this.#waiting.shift();
    if (next !== undefined) {
      this.#send(next);
    } else if (this.#inFlight.size === 0) {
      this.#onQuiet();
    }
  }
}
