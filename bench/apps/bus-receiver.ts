import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type BenchEvent, benchEvent, FIRST_SEQUENCE, now } from './bus-event.js';
import type { BenchTopic, BenchTransport } from './bus-transport.js';

/** The number of events for each byte to the publisher: rare enough to cost almost nothing. */
export const EVENTS_PER_RECEIPT = 100;

const RECEIPT = Buffer.of(1);

/** A receiving process: checks that events are complete and in order, counts them, and sends pings back. */
export class Receiver {
  #received = 0;
  #lastAt = 0;
  #problem: string | undefined;
  #onEvent = (): void => {};
  #pings: number[] = [];
  #receipts: Socket | undefined;

  constructor(private readonly transport: BenchTransport) {}

  /** @param port of the publisher */
  async open(port: number): Promise<void> {
    this.#receipts = connect({ port, host: '127.0.0.1', noDelay: true }).unref();
    await once(this.#receipts, 'connect');
    const handlers: Partial<Record<BenchTopic, (event: BenchEvent) => void>> = {
      event: event => this.#take(event),
      kept: event => this.#take(event),
      ping: event => this.#answer(event),
    };
    for (const [topic, handler] of Object.entries(handlers) as [
      BenchTopic,
      typeof handlers.ping,
    ][]) {
      if (handler && !this.transport.lacks?.includes(topic)) {
        await this.transport.subscribe(topic, handler);
      }
    }
  }

  /**
   * @param total number of events in all turns
   * @returns when the last event has been received
   */
  async all(total: number): Promise<{ lastAt: number }> {
    while (this.#received < total && this.#problem === undefined) {
      await new Promise<void>(resolve => (this.#onEvent = resolve));
    }
    if (this.#problem !== undefined) {
      throw new Error(this.#problem);
    }
    return { lastAt: this.#lastAt };
  }

  /** Returns the nanoseconds of the way here of each event since the last call. */
  takeLatencies(): number[] {
    return this.#pings.splice(0);
  }

  #take({ sequence }: BenchEvent): void {
    const expected = FIRST_SEQUENCE + this.#received++;
    this.#lastAt = now();
    if (sequence !== expected) {
      this.#problem ??= `Received ${sequence}, where ${expected} was expected`;
    }
    if (this.#received % EVENTS_PER_RECEIPT === 0) {
      this.#receipts?.write(RECEIPT);
    }
    this.#onEvent();
  }

  #answer({ at }: BenchEvent): void {
    this.#pings.push(now() - at);
    void this.transport.publish('pong', benchEvent(FIRST_SEQUENCE));
  }
}
