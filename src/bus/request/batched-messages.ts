import { within } from '../../system/async/within.js';
import { Fifo } from '../../system/collections/fifo.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { PublicationRefusedError } from '../bus-transport.interface.js';
import { busMessages } from '../bus.messages.js';

/** Limits of one message: a larger one would block the Redis server or the primary for too long. */
const MAX_ITEMS = 500;
const MAX_CHARACTERS = 256 * 1024;

interface Waiting<Result> {
  readonly item: string;
  /** Milliseconds of the monotonic clock. */
  readonly deadline: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends items to addresses. One message to each address is under way at a time: items that are sent meanwhile go
 * together in the next message. Nothing is sent again.
 *
 * @internal
 */
export class BatchedMessages<Result> {
  /** The items that wait, by address. An address without an entry has no message under way. */
  readonly #lines = new Map<string, Fifo<Waiting<Result>>>();

  constructor(
    /** Milliseconds until a message counts as lost, so that the next one is sent. */
    private readonly timeout: number,
    /** Sends a message. @param items JSON texts, separated by commas */
    private readonly send: (address: string, items: string) => Promise<Result>,
  ) {}

  /**
   * Sends an item, and returns the result of its message.
   *
   * @param item a JSON text
   * @param deadline milliseconds of the monotonic clock; an item that still waits then is not sent
   * @throws PublicationRefusedError if the item was not sent in time, and the error of the message
   */
  add(address: string, item: string, deadline: number): Promise<Result> {
    return new Promise((resolve, reject) => {
      const waiting = { item, deadline, resolve, reject };
      const line = this.#lines.get(address);
      if (line) {
        line.push(waiting);
        return;
      }
      const first = new Fifo<Waiting<Result>>();
      first.push(waiting);
      this.#lines.set(address, first);
      void this.#sendAll(address, first);
    });
  }

  async #sendAll(address: string, line: Fifo<Waiting<Result>>): Promise<void> {
    // What is sent in the same turn of the event loop goes together.
    await Promise.resolve();
    while (line.length > 0) {
      const batch = takeBatch(line);
      if (batch.length > 0) {
        await this.#sendBatch(address, batch);
      }
    }
    this.#lines.delete(address);
  }

  async #sendBatch(address: string, batch: readonly Waiting<Result>[]): Promise<void> {
    const items = batch.map(({ item }) => item).join(',');
    try {
      const result = await within(this.timeout, this.send(address, items), () => {
        throw new Error(busMessages.unanswered());
      });
      batch.forEach(({ resolve }) => resolve(result));
    } catch (error) {
      batch.forEach(({ reject }) => reject(error));
    }
  }
}

/** Takes the next items out of a line, without those that are overdue. */
function takeBatch<Result>(line: Fifo<Waiting<Result>>): Waiting<Result>[] {
  const now = monotonicNow();
  const batch: Waiting<Result>[] = [];
  let length = 0;
  while (line.length > 0 && batch.length < MAX_ITEMS) {
    const next = line.first!;
    if (batch.length > 0 && length + next.item.length > MAX_CHARACTERS) {
      break;
    }
    line.shift();
    if (next.deadline <= now) {
      next.reject(new PublicationRefusedError(busMessages.unanswered(), true));
    } else {
      length += next.item.length;
      batch.push(next);
    }
  }
  return batch;
}
