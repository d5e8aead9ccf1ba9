import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import { checkFunction } from '../state.validation.js';
import { within } from '../../system/async/within.js';
import { printable, printableStack } from '../../system/text/printable.js';
import { heldLockOf } from './held-lock.js';
import type { Hold } from './hold.js';
import { leaderKey } from '../client/lock-release.js';
import type { Locks } from './locks.js';
import type { HeldLock } from './lock.interface.js';
import { TermBackoff } from './term-backoff.js';

/** Options of `SharedState.leader()`. @publicApi */
export interface LeaderOptions {
  /**
   * Milliseconds without a sign of life of the leader after which another one is elected. At least 100. @defaultValue
   * 10000
   */
  readonly lease?: number | undefined;
}

/** Delay between attempts that fail at once. */
const RETRY_MILLISECONDS = 250;

/** A task of `run()`, and what it does in the current term. */
interface LeaderTask {
  readonly task: (term: HeldLock) => Promise<void>;
  readonly stopped: AbortController;
  running: Promise<void> | undefined;
}

/**
 * The candidate of this worker in a leader election. One worker in the cluster is the leader. The candidate starts
 * with `SharedState.leader()` and ends with `resign()`, or when this worker drains. The next leader is elected at once
 * when the leader resigns, drains or crashes, and within the lease when its whole host crashes.
 *
 * @publicApi
 */
export class Leader {
  readonly #onElected = new Set<(term: HeldLock) => unknown>();
  readonly #onDeposed = new Set<() => unknown>();
  readonly #tasks = new Set<LeaderTask>();
  readonly #backoff = new TermBackoff();
  /** Aborts when this worker is no longer a candidate. */
  #resigned = new AbortController();
  #campaign: Promise<void>;
  #isRetired = false;
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
    this.#campaign = this.#run(this.#resigned.signal);
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
      this.#call(callback, heldLockOf(this.#hold));
    }
    return () => this.#onElected.delete(callback);
  }

  /**
   * Calls `callback` whenever this worker stops being the leader, because it resigns or drains, or has lost the
   * connection for too long. Errors of the callback are logged.
   *
   * @returns a function that removes the callback
   * @throws StateInputError unless `callback` is a function
   */
  onDeposed(callback: () => unknown): () => void {
    checkFunction(this.name, 'onDeposed of the leader', callback);
    this.#onDeposed.add(callback);
    return () => this.#onDeposed.delete(callback);
  }

  /**
   * Runs a task in each term of this worker as the leader, and now if it already is the leader. The task must end when
   * the signal of its term aborts. If this worker resigns or drains, the next leader is elected when the task has ended,
   * but not later than after another `lease`. If the task fails, the error is logged, and this worker gives up the
   * leadership. It is a candidate again after a delay, which doubles with each failure in a row, from 200 ms to 30 s.
   *
   * @returns a function that stops the task: it aborts the signal, and the task does not run in further terms
   * @throws StateInputError unless `task` is a function
   */
  run(task: (term: HeldLock) => Promise<void>): () => void {
    checkFunction(this.name, 'The task of the leader', task);
    const each: LeaderTask = { task, stopped: new AbortController(), running: undefined };
    this.#tasks.add(each);
    if (this.#hold?.isHeld) {
      this.#start(each, this.#hold);
    }
    return () => {
      this.#tasks.delete(each);
      each.stopped.abort();
    };
  }

  /**
   * Gives up the leadership, and is no candidate until `stand()`. Resolves when another worker can be elected.
   */
  async resign(): Promise<void> {
    this.#resigned.abort();
    await this.#campaign;
  }

  /** Is a candidate again after `resign()`. Does nothing if this worker is a candidate, or drains. */
  stand(): void {
    if (!this.#isRetired && this.#resigned.signal.aborted) {
      this.#resigned = new AbortController();
      const { signal } = this.#resigned;
      this.#campaign = this.#campaign.then(() => this.#run(signal));
    }
  }

  /** Resigns for ever. @internal */
  retire(): Promise<void> {
    this.#isRetired = true;
    return this.resign();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { name, lease } = this;
    while (!signal.aborted) {
      const hold = await this.locks
        .acquire({
          key: leaderKey(name),
          name,
          wait: Infinity,
          lease,
          signal,
          inBackground: true,
        })
        .catch(() => undefined);
      if (hold) {
        await this.#serve(hold, signal);
      }
      // Do not retry in a tight loop.
      const pause = hold ? this.#backoff.delay : RETRY_MILLISECONDS;
      await delay(pause, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** One term as the leader. */
  async #serve(hold: Hold, resigned: AbortSignal): Promise<void> {
    this.#hold = hold;
    this.#backoff.begin();
    this.#onElected.forEach(callback => this.#call(callback, heldLockOf(hold)));
    this.#tasks.forEach(task => this.#start(task, hold));
    await aborted(AbortSignal.any([resigned, hold.signal]));
    this.#hold = undefined;
    hold.abort('this worker has resigned');
    this.#onDeposed.forEach(callback => this.#call(callback, undefined));
    const running = [...this.#tasks].flatMap(({ running: promise }) => promise ?? []);
    if (running.length > 0) {
      await within(this.lease, Promise.all(running), () => {});
    }
    await hold.release();
  }

  #start(task: LeaderTask, hold: Hold): void {
    const signal = AbortSignal.any([hold.signal, task.stopped.signal]);
    const before = task.running;
    const running = (async () => {
      await before;
      await task.task(heldLockOf(hold, signal));
    })()
      .catch((error: unknown) => {
        const message = `A task of the leader election "${printable(this.name)}" failed`;
        if (signal.aborted) {
          this.#logFailure(`${message} after its signal had aborted`, error);
          return;
        }
        this.#backoff.fail();
        this.#logFailure(
          `${message}. This worker gives up the leadership, and is a candidate again in ${this.#backoff.delay} ms`,
          error,
        );
        hold.abort('its task has failed');
      })
      .finally(() => {
        if (task.running === running) {
          task.running = undefined;
        }
      });
    task.running = running;
  }

  #call<Argument>(callback: (argument: Argument) => unknown, argument: Argument): void {
    void (async () => callback(argument))().catch((error: unknown) =>
      this.#logFailure(`A callback of the leader election "${printable(this.name)}" failed`, error),
    );
  }

  #logFailure(message: string, error: unknown): void {
    this.logger.error(message, printableStack(error));
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) {
    await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }));
  }
}
