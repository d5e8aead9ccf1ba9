import { characterBytes } from '../../system/text/character-bytes.js';
import { ANY_STREAM, type Channel, type Mark } from '../bus-transport.interface.js';
import { MemoryBudget } from '../../state/backends/memory/memory-budget.js';
import type { BusToWorker } from '../transports/ipc/bus.protocol.js';

/** The part of a worker handle that is used here. @internal */
export interface Recipient {
  send(message: BusToWorker): Promise<void>;
}

/** Bytes that may always be buffered for a worker, even if the memory is full. */
const LEAST = 1024 * 1024;

/** The maximum number of streams whose dropped messages are recorded separately. */
const MAX_SKIPPED = 10_000;

/** Messages that were dropped. */
interface Skipped {
  readonly member: string;
  readonly channel: Channel;
  readonly mark: Mark;
}

/**
 * The messages under way to one worker. A worker that does not read must not fill the memory of the primary: messages
 * beyond the limit are dropped, and the worker gets a mark for them as soon as it reads again.
 *
 * @internal
 */
export class SendBuffer {
  /** The last dropped message of each stream, by member and stream. */
  readonly #skipped = new Map<string, Skipped>();
  #bytes = 0;
  #isFull = false;
  #isClosed = false;

  constructor(
    private readonly worker: Recipient,
    private readonly maxBytes: number,
    private readonly budget = new MemoryBudget(),
  ) {}

  put(member: string, channel: Channel, text: string, mark: Mark | undefined): void {
    const bytes = characterBytes(text);
    this.#isFull ||= this.#bytes >= this.maxBytes || this.#isTooMuch(bytes);
    if (!this.#isFull && !this.#isClosed) {
      this.#bytes += bytes;
      this.budget.add(bytes);
      const written = this.worker.send({ type: 'text', member, channel, text });
      void written.then(() => this.#onWritten(bytes));
    } else if (mark && !this.#isClosed) {
      this.#skip({ member, channel, mark });
    }
  }

  /** Called when the worker has exited. */
  close(): void {
    this.#isClosed = true;
    this.budget.add(-this.#bytes);
    this.#bytes = 0;
    this.#skipped.clear();
  }

  /** A full shared state does not stop the bus: `LEAST` bytes are always allowed. */
  #isTooMuch(bytes: number): boolean {
    return this.#bytes >= Math.min(LEAST, this.maxBytes) && !this.budget.fits(bytes);
  }

  #skip(skipped: Skipped): void {
    const { member, channel, mark } = skipped;
    if (this.#skipped.size < MAX_SKIPPED) {
      this.#skipped.set(`${member} ${channel} ${mark.stream}`, skipped);
      return;
    }
    // Too many streams: one mark for all of them. The worker asks the publishers for their high-water marks.
    const all = [...this.#skipped.values(), skipped];
    this.#skipped.clear();
    for (const each of all) {
      const anyRow = { ...each.mark, stream: ANY_STREAM };
      this.#skipped.set(`${each.member} ${each.channel}`, { ...each, mark: anyRow });
    }
  }

  #onWritten(bytes: number): void {
    if (this.#isClosed) {
      return;
    }
    this.#bytes -= bytes;
    this.budget.add(-bytes);
    // A full buffer counts as full until half of it is free, which makes a few large gaps instead of many small ones.
    if (this.#isFull && this.#bytes <= this.maxBytes / 2) {
      this.#isFull = false;
      this.#skipped.forEach(skipped => void this.worker.send({ type: 'skipped', ...skipped }));
      this.#skipped.clear();
    }
  }
}
