import { setTimeout as delay } from 'node:timers/promises';
import { type Caller, caller, type TransportName } from './caller.js';

export interface MessageLoadOptions {
  readonly transport: TransportName;
  readonly port: number;
  readonly clients: number;
  /** The messages that each client has in flight. */
  readonly inFlight: number;
  /** A message takes less than this time in milliseconds. */
  readonly ms: number;
  /** Milliseconds between two events of a client. */
  readonly eventInterval: number;
}

/** The numbers of one load are below those of the next one. */
const NUMBERS = 1_000_000;

let loads = 0;

/** Clients that send messages and events all the time, and expect an answer to each message. */
export class MessageLoad {
  answered = 0;
  readonly events = new Set<number>();
  readonly failures: string[] = [];
  readonly pids = new Set<number>();
  readonly #callers: Caller[];
  readonly #running: Promise<unknown>[];
  #isStopped = false;
  #n = ++loads * NUMBERS;

  constructor(private readonly options: MessageLoadOptions) {
    const { clients, transport, port, inFlight } = options;
    this.#callers = Array.from({ length: clients }, () => caller(transport, port));
    this.#running = this.#callers.flatMap(each => [
      ...Array.from({ length: inFlight }, async () => this.#work(each)),
      this.#emit(each),
    ]);
  }

  get transport(): TransportName {
    return this.options.transport;
  }

  /** Resolves when all messages that were sent are answered, or lost. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#running);
    await Promise.all(this.#callers.map(async each => each.close()));
  }

  async #work(client: Caller): Promise<void> {
    while (!this.#isStopped) {
      const n = this.#n++;
      try {
        const answer = await client.work({ n, ms: n % this.options.ms });
        if (answer.n !== n) {
          this.failures.push(`${n}: the answer to ${answer.n}`);
        }
        this.answered++;
        this.pids.add(answer.pid);
      } catch (error) {
        this.failures.push(`${n}: ${String(error)}`);
        await delay(10);
      }
    }
  }

  async #emit(client: Caller): Promise<void> {
    while (client.emit && !this.#isStopped) {
      const n = this.#n++;
      this.events.add(n);
      await client.emit({ n, ms: n % this.options.ms });
      await delay(this.options.eventInterval);
    }
  }
}
