import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { benchEvent, FIRST_SEQUENCE, now } from './bus-event.js';
import { EVENTS_PER_RECEIPT } from './bus-receiver.js';
import type { BenchTopic, BenchTransport } from './bus-transport.js';
import { inFlight, type Turn } from './in-flight.js';

export interface Published {
  /** In this turn. */
  readonly calls: number;
  /** In all turns. */
  readonly total: number;
  readonly startedAt: number;
}

/** The process that publishes, asks, and measures the durations. */
export class Publisher {
  #published = 0;
  /** The number of events that each receiver has received, by its connection. */
  readonly #received = new Map<unknown, number>();
  #onReceipt = (): void => {};
  #onPong = (): void => {};
  #pongs: number[] = [];

  constructor(private readonly transport: BenchTransport) {}

  /** @returns the port to which the receivers send their receipts */
  async open(): Promise<{ port: number }> {
    await this.transport.subscribe('pong', ({ at }) => {
      this.#pongs.push(now() - at);
      this.#onPong();
    });
    const server = createServer(socket => {
      this.#received.set(socket, 0);
      socket.unref().on('data', receipts => {
        const before = this.#received.get(socket) ?? 0;
        this.#received.set(socket, before + receipts.length * EVENTS_PER_RECEIPT);
        this.#onReceipt();
      });
    }).unref();
    // A port of this worker only: `node:cluster` would share it between the workers.
    await once(server.listen({ host: '127.0.0.1', port: 0, exclusive: true }), 'listening');
    return { port: (server.address() as AddressInfo).port };
  }

  /** With this many publications in flight, counted by their promises. */
  async untilSettled(topic: BenchTopic, count: number, milliseconds: number): Promise<Published> {
    const startedAt = now();
    const { calls } = await inFlight(count, milliseconds, async () =>
      this.transport.publish(topic, this.#next()),
    );
    return { calls, total: this.#published, startedAt };
  }

  /**
   * With this many events in flight, counted by the receipts of the slowest receiver. This is the same for
   * candidates with and without promises. Receipts have their own connections.
   */
  async untilReceived(topic: BenchTopic, count: number, milliseconds: number): Promise<Published> {
    const before = this.#published;
    const turn = { isOver: false, failures: [] as unknown[] };
    const startedAt = now();
    setTimeout(() => (turn.isOver = true), milliseconds);
    const publish = async (): Promise<void> => {
      await this.transport.publish(topic, this.#next());
    };
    while (!turn.isOver) {
      while (this.#published - Math.min(...this.#received.values()) < count) {
        publish().catch((error: unknown) => turn.failures.push(error));
      }
      await new Promise<void>(resolve => (this.#onReceipt = resolve));
    }
    if (turn.failures.length > 0) {
      throw turn.failures[0];
    }
    return { calls: this.#published - before, total: this.#published, startedAt };
  }

  /** One event at a time: the next one when the previous one has come back. */
  async pingPong(milliseconds: number): Promise<Turn> {
    return inFlight(1, milliseconds, async () => {
      const pong = new Promise<void>(resolve => (this.#onPong = resolve));
      await Promise.all([this.transport.publish('ping', benchEvent(FIRST_SEQUENCE)), pong]);
    });
  }

  /** Returns the nanoseconds of the way back of each event since the last call. */
  takeLatencies(): number[] {
    return this.#pongs.splice(0);
  }

  async ask(count: number, milliseconds: number): Promise<Turn> {
    return inFlight(count, milliseconds, async () => {
      await this.transport.ask?.(benchEvent(FIRST_SEQUENCE));
    });
  }

  #next() {
    return benchEvent(FIRST_SEQUENCE + this.#published++);
  }
}
