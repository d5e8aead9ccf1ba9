import type { Socket } from 'node:net';
import type { NetworkFaults } from './network-faults.js';

/** Data in transit: bytes, or the end of the stream. */
interface Item {
  readonly bytes: Buffer | undefined;
  readonly since: number;
}

/**
 * One direction of a proxied connection. Data of one socket is delivered to the other in order, when the network and
 * the other socket accept it.
 */
export class OneWay {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #faults: NetworkFaults;
  readonly #handOver: (bytes: Buffer) => void;
  readonly #items: Item[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(from: Socket, to: Socket, faults: NetworkFaults, handOver: (bytes: Buffer) => void) {
    this.#from = from;
    this.#to = to;
    this.#faults = faults;
    this.#handOver = handOver;
    const arrive = (bytes?: Buffer): void => {
      this.#items.push({ bytes, since: Date.now() });
      this.proceed();
    };
    from.on('data', arrive).on('end', () => arrive());
    to.on('drain', () => this.proceed());
  }

  /** Delivers all data that can be delivered now. To be called when the network has changed. */
  proceed(): void {
    clearTimeout(this.#timer);
    while (!this.#isOver && this.#isPassable && this.#items[0]) {
      const { bytes, since } = this.#items[0];
      const wait = since + this.#faults.latency - Date.now();
      if (this.#faults.latency > 0 && wait > 0) {
        this.#timer = setTimeout(() => this.proceed(), wait);
        break;
      }
      this.#items.shift();
      if (bytes) {
        this.#handOver(bytes);
      } else {
        this.#to.end();
      }
    }
    if (this.#isPassable) {
      this.#from.resume();
    } else {
      this.#from.pause();
    }
  }

  /** Drops all data in transit. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  get #isPassable(): boolean {
    return !this.#faults.isStalled && !this.#to.writableNeedDrain;
  }
}
