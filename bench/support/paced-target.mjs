import { Connection } from './connection.mjs';
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
  /** @type {Set<Connection>} those with nothing in flight */
  #idle = new Set();
  /** @type {Map<Connection, number>} when their requests began */
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
    this.port = port;
    this.load = load;
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
    this.#idle.forEach(connection => connection.destroy());
  }

  /** @param {number} begunAt */
  #send(begunAt) {
    if (this.#inFlight.size >= MOST_CONNECTIONS) {
      this.#waiting.push(begunAt);
      return;
    }
    const [idle] = this.#idle;
    const connection =
      idle ?? new Connection(this.port, this.load, (ended, how) => this.#ended(ended, how));
    this.#idle.delete(connection);
    this.#inFlight.set(connection, begunAt);
    connection.send();
  }

  /**
   * @param {Connection} connection
   * @param {'answered' | 'failed' | 'closed'} how
   */
  #ended(connection, how) {
    const begunAt = this.#inFlight.get(connection);
    if (begunAt === undefined) {
      this.#idle.delete(connection);
      return;
    }
    this.#inFlight.delete(connection);
    this.#latencies.push(performance.now() - begunAt);
    this.failures += how === 'failed' ? 1 : 0;
    if (this.load.keepAlive && how === 'answered') {
      this.#idle.add(connection);
    }
    const next = this.#waiting.shift();
    if (next !== undefined) {
      this.#send(next);
    } else if (this.#inFlight.size === 0) {
      this.#onQuiet();
    }
  }
}
