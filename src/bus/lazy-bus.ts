import type { Subject } from 'rxjs';
import { monotonicNow } from '../system/time/monotonic-now.js';
import { busMessages } from './bus.messages.js';
import type { BusClient } from './bus-client.js';
import type { Sender } from './membership/bus-member.interface.js';
import type { BusFault } from './bus-fault.interface.js';

/** Injection token of the {@link LazyBus}. @internal */
export const BUS = Symbol('BUS');

/**
 * The bus of one application, created on first use. An application that does not use the bus does not load it.
 *
 * @internal
 */
export class LazyBus {
  #isClosed = false;
  #opened: BusClient | undefined;
  #opening: Promise<BusClient> | undefined;

  constructor(
    /** This process as a member of the bus. */
    readonly self: Sender,
    /** Aborts when this process begins to drain. */
    readonly drainSignal: AbortSignal,
    /** Milliseconds that a call may take. */
    private readonly timeout: number,
    /** Emits each fault, and completes when the bus closes. */
    readonly faults: Subject<BusFault>,
    private readonly open: (onFault: (fault: BusFault) => void) => Promise<BusClient>,
  ) {}

  /** The bus, if it is in use. */
  get opened(): BusClient | undefined {
    return this.#opened;
  }

  /** The deadline of a call that begins now. It includes the time in which the first call of all opens the bus. */
  get nextDeadline(): number {
    return monotonicNow() + this.timeout;
  }

  /**
   * Returns the bus. All callers continue in the order of their calls.
   *
   * @param refusal returns the error for the caller if the bus has closed
   */
  use(refusal: (why: string) => Error): Promise<BusClient> {
    if (this.#isClosed) {
      return Promise.reject(refusal(busMessages.closed()));
    }
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** Closes the bus and releases the backend. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await (await this.#opening?.catch(() => undefined))?.close();
    this.faults.complete();
  }

  async #open(): Promise<BusClient> {
    const client = await this.open(fault => this.faults.next(fault));
    this.#opened = client;
    await client.join();
    return client;
  }
}
