import { characterBytes } from '../../system/text/character-bytes.js';
import { ANY_STREAM, type Channel, type Mark } from '../bus-transport.interface.js';
import { MemoryBudget } from '../../state/backends/memory/memory-budget.js';
import type { BusToWorker } from '../transports/ipc/bus.protocol.js';

/** The part of a worker's handle that is used here. @internal */
export interface Recipient {
  send(message: BusToWorker): Promise<void>;
}

/** Bytes that a worker is always brought, however full the memory is. */
const LEAST = 1024 * 1024;

/** Of more rows than this it is not noted any more up to where each was left out. */
const MAX_SKIPPED = 10_000;

/** What there was no room for. */
interface Skipped {
  readonly member: string;
  readonly channel: Channel;
  readonly mark: Mark;
}

/**
 * What is on its way to one worker. One that does not read must not fill the memory of the primary: what
 * there is no room for is left out, and the worker is told up to where as soon as it reads again.
 *
 * @internal
 */
export class SendBuffer {
  /** Up to where each row of events was left out, by member and row. */
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

  /** The worker is gone: nothing is on its way any more. */
  close(): void {
    this.#isClosed = true;
    this.budget.add(-this.#bytes);
    this.#bytes = 0;
    this.#skipped.clear();
  }

  /** A state that is full does not keep workers from hearing of each other. */
  #isTooMuch(bytes: number): boolean {
    return this.#bytes >= Math.min(LEAST, this.maxBytes) && !this.budget.fits(bytes);
  }

  #skip(skipped: Skipped): void {
    const { member, channel, mark } = skipped;
    if (this.#skipped.size < MAX_SKIPPED) {
      this.#skipped.set(`${member} ${channel} ${mark.stream}`, skipped);
      return;
    }
    // How many are missing of each row, the worker then has to find out for itself.
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
    // Once it is full, it is so until half of it is free: few gaps instead of many.
    if (this.#isFull && this.#bytes <= this.maxBytes / 2) {
      this.#isFull = false;
      this.#skipped.forEach(skipped => void this.worker.send({ type: 'skipped', ...skipped }));
      this.#skipped.clear();
    }
  }
}
