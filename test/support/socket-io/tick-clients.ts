import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';

/** What a client has received: the numbers of the events, and how often it was connected and restored. */
export interface Ticks {
  readonly numbers: readonly number[];
  readonly connects: number;
  readonly restored: number;
}

/** A client that records the events `tick` of a server with connection state recovery. */
export class TickClient implements Ticks {
  readonly numbers: number[] = [];
  connects = 0;
  restored = 0;
  readonly #socket: Socket;

  constructor(url: string, transports?: string[]) {
    this.#socket = io(url, {
      forceNew: true,
      reconnectionDelay: 20,
      reconnectionDelayMax: 200,
      ...(transports && { transports }),
    });
    this.#socket.on('tick', (number: number) => this.numbers.push(number));
    this.#socket.on('connect', () => {
      this.connects++;
      this.restored += this.#socket.recovered ? 1 : 0;
    });
  }

  async connected(): Promise<void> {
    if (!this.#socket.connected) {
      await once(this.#socket as never, 'connect');
    }
  }

  /** Resolves when an event has arrived: Socket.IO restores no session without one. */
  async received(number: number): Promise<void> {
    while (!this.numbers.includes(number)) {
      await once(this.#socket as never, 'tick');
    }
  }

  /** Resolves when all events from the first one to `last` have arrived. */
  async receivedAll(last: number): Promise<void> {
    while (new Set(this.numbers).size <= last - Math.min(...this.numbers)) {
      await once(this.#socket as never, 'tick');
    }
  }

  close(): void {
    this.#socket.close();
  }
}
