import type { Channel, Mark } from '../bus/bus-transport.interface.js';
import type { ToWorker } from '../wire/messages.js';

/** The part of a worker's handle that is used here. @internal */
export interface Recipient {
  send(message: ToWorker): Promise<void>;
}

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
export class Outbox {
  /** Up to where each row of events was left out, by member and row. */
  readonly #skipped = new Map<string, Skipped>();
  #bytes = 0;
  #isFull = false;

  constructor(
    private readonly worker: Recipient,
    private readonly maxBytes: number,
  ) {}

  put(member: string, channel: Channel, text: string, mark: Mark | undefined): void {
    this.#isFull ||= this.#bytes >= this.maxBytes;
    if (!this.#isFull) {
      this.#bytes += text.length;
      const written = this.worker.send({ type: 'text', member, channel, text });
      void written.then(() => this.#onWritten(text.length));
    } else if (mark) {
      this.#skipped.set(`${member} ${channel} ${mark.stream}`, { member, channel, mark });
    }
  }

  #onWritten(bytes: number): void {
    this.#bytes -= bytes;
    // Once it is full, it is so until half of it is free: few gaps instead of many.
    if (this.#isFull && this.#bytes <= this.maxBytes / 2) {
      this.#isFull = false;
      this.#skipped.forEach(skipped => void this.worker.send({ type: 'skipped', ...skipped }));
      this.#skipped.clear();
    }
  }
}
