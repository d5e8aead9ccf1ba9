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
   * Milliseconds without a sign of life of the leader after which another one is elected. At least 100. @defaultValue
   * 10000
   */
  readonly lease?: number;
}

/** Delay between attempts that fail at once. */
const RETRY_MILLISECONDS = 250;

/**
 * The candidate of this worker in a leader election. One worker in the cluster is the leader. The candidate starts
 * with `SharedState.leader()` and ends when this worker drains. The next leader is elected at once when the leader
 * drains or crashes, and within the lease when its whole host crashes.
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

  /** Whether this worker is the leader. False as soon as its lease may have expired. */
  get isLeader(): boolean {
    return this.#hold?.isHeld ?? false;
  }

  /**
   * Calls `callback` whenever this worker is elected, and now if it already is the leader. The argument has a signal,
   * which aborts when the leadership is lost, and a fencing token. Errors of the callback are logged.
   *
   * @returns a function that removes the callback
   * @throws StateInputError unless `callback` is a function
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
   * Calls `callback` whenever this worker stops being the leader, because it drains or has lost the connection for
   * too long. Errors of the callback are logged.
   *
   * @returns a function that removes the callback
   * @throws StateInputError unless `callback` is a function
   */
  onDeposed(callback: () => unknown): () => void {
    checkFunction(this.name, 'onDeposed of the leader', callback);
    this.#onDeposed.add(callback);
    return () => this.#onDeposed.delete(callback);
  }

  /** Ends the candidate. Resolves when the leadership is released. @internal */
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
        const released = hold.giveUp('this worker has resigned');
        this.#onDeposed.forEach(callback => this.#call(callback, undefined));
        await released;
      } else {
        // Do not retry in a tight loop.
        await delay(RETRY_MILLISECONDS, undefined, { signal }).catch(() => {});
      }
    }
  }

  #call<Argument>(callback: (argument: Argument) => unknown, argument: Argument): void {
    void (async () => callback(argument))().catch((error: unknown) =>
      this.logger.error(
        `A callback of the leader election "${printable(this.name)}" failed`,
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
