import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import { checkFunction } from '../state.validation.js';
import type { Hold } from './hold.js';
import type { Locks } from './locks.js';
import type { HeldLock } from './lock.interface.js';
import { printable, printableStack } from '../../system/text/printable.js';

/** Options of `SharedState.leader()`. @publicApi */
export interface LeaderOptions {
  /**
   * Milliseconds after which another one is elected if nothing is heard of the leader any more. At
   * least 100. @defaultValue 10000
   */
  readonly lease?: number;
}

/** Between attempts that fail, though they would wait for ever. */
const RETRY_MILLISECONDS = 250;

/**
 * The candidate of this worker for one office, which one worker of all hosts holds at a time. It
 * begins with `SharedState.leader()`, and ends when this worker drains: then the next one is elected
 * at once. So it is when the leader crashes; when its whole host does, within the lease.
 *
 * @publicApi
 */
export class Leader {
  readonly #onElected = new Set<(term: HeldLock) => unknown>();
  readonly #onDeposed = new Set<() => unknown>();
  readonly #resigned = new AbortController();
  readonly #campaign: Promise<void>;
  #hold: Hold | undefined;

  /** @internal */
  constructor(
    private readonly locks: Locks,
    /** The name of the election. */
    readonly name: string,
    /** Milliseconds of the lease. */
    readonly lease: number,
    private readonly logger: Pick<Logger, 'error'>,
  ) {
    this.#campaign = this.#run();
  }

  /** Whether this worker is the leader, as far as it can know: false as soon as its lease may be over. */
  get isLeader(): boolean {
    return this.#hold?.isHeld ?? false;
  }

  /**
   * Calls back whenever this worker becomes the leader, and now if it is. The term has a signal, which
   * aborts if the office is lost, and a fencing token. What the callback throws is logged.
   *
   * @returns ends the subscription
   * @throws StateInputError unless it is a function
   */
  onElected(callback: (term: HeldLock) => unknown): () => void {
    checkFunction(this.name, 'onElected of the leader', callback);
    this.#onElected.add(callback);
    if (this.#hold?.isHeld) {
      this.#call(callback, termOf(this.#hold));
    }
    return () => this.#onElected.delete(callback);
  }

  /**
   * Calls back whenever this worker was the leader and is no longer, because it drains or has lost
   * the connection for too long. What the callback throws is logged.
   *
   * @returns ends the subscription
   * @throws StateInputError unless it is a function
   */
  onDeposed(callback: () => unknown): () => void {
    checkFunction(this.name, 'onDeposed of the leader', callback);
    this.#onDeposed.add(callback);
    return () => this.#onDeposed.delete(callback);
  }

  /** Ends the candidate; resolves when the office is free. @internal */
  async resign(): Promise<void> {
    this.#resigned.abort();
    await this.#campaign;
  }

  async #run(): Promise<void> {
    const { signal } = this.#resigned;
    while (!signal.aborted) {
      const hold = await this.locks
        .acquire({
          key: `leader:${this.name}`,
          name: this.name,
          wait: Infinity,
          lease: this.lease,
          signal,
        })
        .catch(() => undefined);
      if (hold) {
        this.#hold = hold;
        this.#onElected.forEach(callback => this.#call(callback, termOf(hold)));
        await aborted(AbortSignal.any([signal, hold.signal]));
        this.#hold = undefined;
        const released = hold.giveUp('this worker stands for the office no longer');
        this.#onDeposed.forEach(callback => this.#call(callback, undefined));
        await released;
      } else {
        // Whatever it is that fails at once must not do so all the time.
        await delay(RETRY_MILLISECONDS, undefined, { signal }).catch(() => {});
      }
    }
  }

  #call<Argument>(callback: (argument: Argument) => unknown, argument: Argument): void {
    void (async () => callback(argument))().catch((error: unknown) =>
      this.logger.error(
        `A callback of the leader "${printable(this.name)}" failed`,
        printableStack(error),
      ),
    );
  }
}

function termOf({ signal, claim: { token } }: Hold): HeldLock {
  return { signal, token };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) {
    await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }));
  }
}
