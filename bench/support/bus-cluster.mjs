import { BusControl } from './bus-control.mjs';
import { startServer } from './server.mjs';

/**
 * @typedef {import('./turns.mjs').Candidate} Candidate
 * @typedef {import('./bus-control.mjs').BusMember} BusMember
 * @typedef {import('../apps/bus-transport.js').BenchTopic} BenchTopic
 * @typedef {import('../apps/bus-member.js').Until} Until
 */

/**
 * Starts a candidate. Its first worker publishes, and the others receive.
 *
 * @param {string} app
 * @param {import('./server.mjs').ServerOptions} options
 */
export async function startBusCluster(app, options) {
  const control = new BusControl();
  const port = await control.open();
  const server = await startServer(app, {
    ...options,
    env: {
      ...options.env,
      BENCH_CONTROL: String(port),
      // Candidates and rounds share a server, so each has its own namespace.
      CLUSTER_NAMESPACE: `bench-${port}`,
    },
  }).catch(error => {
    control.close();
    throw error;
  });
  const stop = async () => {
    control.close();
    await server.stop();
  };
  try {
    const [publisher, ...receivers] = await control.members(options.workers);
    const receipts = await publisher.tell({ do: 'be-publisher' });
    for (const receiver of receivers) {
      await receiver.tell({ do: 'be-receiver', port: receipts.port });
    }
    return new BusCluster({ ...server, stop }, publisher, receivers);
  } catch (error) {
    await stop();
    throw error;
  }
}

export class BusCluster {
  /** @type {BusMember} */
  #publisher;
  /** @type {BusMember[]} */
  #receivers;

  /**
   * @param {import('./server.mjs').Server} server
   * @param {BusMember} publisher
   * @param {BusMember[]} receivers
   */
  constructor(server, publisher, receivers) {
    this.pids = [server.pid, ...server.workers];
    this.stop = server.stop;
    this.#publisher = publisher;
    this.#receivers = receivers;
  }

  /**
   * Counts events that all other workers have received, completely and in order, until the last one has arrived.
   *
   * @param {BenchTopic} topic
   * @param {Until} until when an event is no longer in flight
   * @param {number} count number of events in flight
   * @returns {Candidate}
   */
  events(topic, until, count) {
    return async milliseconds => {
      const { calls, total, startedAt } = await this.#publisher.tell({
        do: 'publish',
        topic,
        until,
        count,
        milliseconds,
      });
      const ends = await Promise.all(
        this.#receivers.map(receiver => receiver.tell({ do: 'receive', total })),
      );
      const lastAt = Math.max(...ends.map(end => end.lastAt));
      return { calls, milliseconds: (lastAt - startedAt) / 1e6 };
    };
  }

  /**
   * One event at a time, to another process and back.
   *
   * @param {number[][]} latencies receives the microseconds of each way, one array for each turn
   * @returns {Candidate}
   */
  pingPong(latencies) {
    return async milliseconds => {
      const turn = await this.#publisher.tell({ do: 'ping-pong', milliseconds });
      const both = [this.#publisher, ...this.#receivers];
      const taken = await Promise.all(both.map(member => member.tell({ do: 'take-latencies' })));
      latencies.push(taken.flat().map(nanoseconds => nanoseconds / 1000));
      return turn;
    };
  }

  /**
   * @param {number} count number of requests in flight
   * @returns {Candidate}
   */
  asks(count) {
    return milliseconds => this.#publisher.tell({ do: 'ask', count, milliseconds });
  }
}
