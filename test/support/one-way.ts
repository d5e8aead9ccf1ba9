import type { Socket } from 'node:net';
import type { NetworkFaults } from './network-faults.js';

/** Something on its way: bytes, or the news that no more will come. */
interface Item {
  readonly bytes: Buffer | undefined;
  readonly since: number;
}

/**
 * One direction of a proxied connection. What comes out of one socket is handed over in its order,
 * when the network lets it and the other socket takes it.
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

  /** Hands over what can be handed over now. To be called when the network has changed. */
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

  /** Whatever is on its way is lost. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  get #isPassable(): boolean {
    return !this.#faults.isStalled && !this.#to.writableNeedDrain;
  }
}
