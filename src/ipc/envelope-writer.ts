import { type Packet, seal } from './envelope.js';
import type { IpcLink } from './ipc-link.interface.js';

/**
 * Writes packets to a channel, in order. The packets of one turn of the event loop go out in one envelope. Nothing is
 * written to a closed channel.
 *
 * @internal
 */
export class EnvelopeWriter {
  /** The packets of the next envelope. */
  #outbox: Packet[] = [];
  /** Settles with the next envelope; `undefined` while the outbox is empty. */
  #flushing: Promise<void> | undefined;
  /** The number of envelopes that Node has not written yet. */
  #unwritten = 0;

  constructor(
    private readonly link: Pick<IpcLink, 'connected' | 'send'>,
    /** Called for a packet that cannot be serialized, instead of writing it. */
    private readonly onUnserializable: (packet: Packet, error: unknown) => Promise<void>,
  ) {}

  /** Whether Node has envelopes that it has not written yet. */
  get isBehind(): boolean {
    return this.#unwritten > 0;
  }

  /** Resolves when the packet is written, or cannot be written any more. */
  send(packet: Packet): Promise<void> {
    this.#outbox.push(packet);
    this.#flushing ??= new Promise(written => setImmediate(() => this.#flush(written)));
    return this.#flushing;
  }

  /** Writes the packet and all earlier ones at once. */
  sendNow(packet: Packet): void {
    this.#outbox.push(packet);
    this.#flush(() => {});
  }

  #flush(written: () => void): void {
    const packets = this.#outbox;
    this.#outbox = [];
    this.#flushing = undefined;
    void this.#write(packets).then(written);
  }

  #write(packets: readonly Packet[]): Promise<void> {
    const { link } = this;
    if (packets.length === 0 || !link.connected || !link.send) {
      return Promise.resolve();
    }
    return new Promise(written => {
      try {
        // Without a callback, an error would be emitted and end the process. Write errors need no handling: the
        // channel is then closed, which is reported separately.
        link.send!(seal(packets), () => {
          this.#unwritten--;
          written();
        });
        this.#unwritten++;
      } catch (error) {
        // The packets together exceed the maximum string length, or one of them cannot be represented in JSON.
        void this.#writeApart(packets, error).then(written);
      }
    });
  }

  async #writeApart(packets: readonly Packet[], error: unknown): Promise<void> {
    if (packets.length > 1) {
      await Promise.all(packets.map(packet => this.#write([packet])));
    } else {
      await this.onUnserializable(packets[0]!, error);
    }
  }
}
