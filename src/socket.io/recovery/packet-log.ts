import { isAfter, stepBetween } from '../../bus/gaps/offset-step.js';
import type { LinkBus } from '../adapter/io-link.js';
import { type BinaryJson, fromBinaryJson, toBinaryJson } from '../adapter/binary-json.js';
import { offsetShape } from '../../state/offset.js';
import { Conditions } from '../../system/async/conditions.js';
import { systemClock } from '../../system/time/clock.js';

/** The receivers of a packet, as JSON. @internal */
export interface Receivers {
  readonly rooms: readonly string[];
  readonly except: readonly string[];
  readonly flags?: Readonly<Record<string, unknown>> | undefined;
}

/** A packet that clients may get later. @internal */
export interface StoredPacket {
  readonly namespace: string;
  readonly packet: { readonly data: readonly unknown[] };
  readonly to: Receivers;
}

/** An entry of the log: a packet, or a mark of a worker that begins to read. */
type Entry = StoredPacket | { readonly mark: string };

/** A packet, and its place in the log. @internal */
export interface PlacedPacket {
  readonly offset: string;
  readonly entry: Entry;
}

/** Reads the next events of a durable topic after an offset. @internal */
export type ReadHistory = (
  topic: string,
  after: string,
) => Promise<{
  readonly events: readonly { readonly offset: string; readonly payload: unknown }[];
  /** Whether the first of them follows on the given offset. */
  readonly follows: boolean;
}>;

/** The number of packets that each worker remembers: those that arrive while a client is restored, and more. */
const REMEMBERED = 1_000;

/** Milliseconds for which a worker waits until it has received what a client received from another one. */
const CATCH_UP_MILLISECONDS = 1_000;

/** The maximum number of packets in the log. */
const MAX_PACKETS = 100_000;

/**
 * The packets of one server of Socket.IO, on a durable topic. All workers deliver them in the order of the log, so
 * that the last offset of a client tells what it has received, whichever worker it was connected to.
 *
 * @internal
 */
export class PacketLog {
  readonly #topic: string;
  readonly #recent: PlacedPacket[] = [];
  readonly #held: PlacedPacket[] = [];
  /** The offset of the last delivered packet. */
  #last: string | undefined;
  #isHeld = false;
  #onPacket: (packet: StoredPacket, offset: string) => void = () => {};
  readonly #progress = new Conditions(systemClock);
  #close: () => Promise<void> = () => Promise.resolve();

  /**
   * @param maxAge milliseconds for which packets are stored
   */
  constructor(
    private readonly bus: LinkBus,
    private readonly read: ReadHistory,
    topic: string,
    private readonly maxAge: number,
  ) {
    this.#topic = `${topic} packets`;
  }

  /** Begins to deliver packets. Resolves when none that is appended from now on will be missed. */
  async open(onPacket: (packet: StoredPacket, offset: string) => void): Promise<void> {
    this.#onPacket = onPacket;
    const subscription = await this.bus.subscribe<BinaryJson>(
      this.#topic,
      (json, { offset }) =>
        this.#receive({ offset: offset!, entry: fromBinaryJson(json) as Entry }),
      { durable: true, onGap: () => this.#recent.splice(0) },
    );
    this.#close = () => subscription.unsubscribe();
    // Its arrival tells where in the log this worker is.
    await this.#publish({ mark: '' });
    await this.#progress.untilOr(CATCH_UP_MILLISECONDS, () => this.#last !== undefined);
  }

  close(): Promise<void> {
    return this.#close();
  }

  /**
   * Appends a packet. It is delivered when it comes back, also in this worker.
   *
   * @throws at once for a packet that cannot be encoded
   */
  append(packet: StoredPacket): Promise<void> {
    return this.#publish(packet);
  }

  /**
   * Returns a function that reads the packets after `offset`, up to the last one delivered when it is called. Returns
   * `undefined` if some of them are no longer stored. After the call of that function, no packet is delivered until the
   * next turn of the event loop.
   *
   * @param offset may be made up by a client
   */
  async after(offset: string): Promise<(() => PlacedPacket[]) | undefined> {
    if (offsetShape(offset) !== undefined) {
      return undefined;
    }
    const hasReached = (): boolean => this.#last !== undefined && !isAfter(offset, this.#last);
    await this.#progress.untilOr(CATCH_UP_MILLISECONDS, hasReached);
    if (!hasReached()) {
      return undefined;
    }
    const stored: PlacedPacket[] = [];
    let cursor = offset;
    while (this.#isBeforeRecent(cursor)) {
      const next = await this.#readAfter(cursor);
      if (!next) {
        return undefined;
      }
      stored.push(...next);
      cursor = next.at(-1)!.offset;
    }
    return () => {
      this.#hold();
      const last = this.#last!;
      return [
        ...stored.filter(packet => !isAfter(packet.offset, last)),
        ...this.#recent.filter(packet => isAfter(packet.offset, cursor)),
      ];
    };
  }

  #publish(entry: Entry): Promise<void> {
    return this.bus.publish(this.#topic, toBinaryJson(entry), {
      durable: { maxAge: this.maxAge, maxLength: MAX_PACKETS },
    });
  }

  /** Whether there are packets between the offset and those that are remembered. */
  #isBeforeRecent(offset: string): boolean {
    const [first] = this.#recent;
    return first
      ? ['trimmed', 'lost'].includes(stepBetween(offset, first.offset).type)
      : offset !== this.#last;
  }

  async #readAfter(cursor: string): Promise<PlacedPacket[] | undefined> {
    const { events, follows } = await this.read(this.#topic, cursor);
    const isComplete = events.every(({ offset }, index) => {
      const before = events[index - 1]?.offset ?? cursor;
      return stepBetween(before, offset, index > 0 || follows).type === 'next';
    });
    if (!isComplete) {
      return undefined;
    }
    return events.length === 0
      ? undefined
      : events.map(({ offset, payload }) => ({
          offset,
          entry: fromBinaryJson(payload as BinaryJson) as Entry,
        }));
  }

  #receive(packet: PlacedPacket): void {
    if (this.#isHeld) {
      this.#held.push(packet);
    } else {
      this.#deliver(packet);
    }
  }

  #deliver(packet: PlacedPacket): void {
    const { offset, entry } = packet;
    this.#last = offset;
    this.#recent.push(packet);
    if (this.#recent.length > 2 * REMEMBERED) {
      this.#recent.splice(0, REMEMBERED);
    }
    if ('packet' in entry) {
      this.#onPacket(entry, offset);
    }
    this.#progress.check();
  }

  /** A restored socket receives packets only when Socket.IO has finished its part, which takes some microtasks. */
  #hold(): void {
    if (!this.#isHeld) {
      this.#isHeld = true;
      setImmediate(() => {
        this.#isHeld = false;
        this.#held.splice(0).forEach(packet => this.#deliver(packet));
      });
    }
  }
}
