import { Inject, Injectable, Logger } from '@nestjs/common';
import { CLUSTER_OPTIONS, type ResolvedClusterOptions } from '../config/resolve-options.js';
import { StateInputError } from '../model/errors/state-input.error.js';
import { checkFunction, checkMilliseconds, checkName, checkOptions } from './state.validation.js';
import { Counter, type CounterOptions } from './objects/counter.js';
import { Leader, type LeaderOptions } from './objects/leader.js';
import { Leaderboard } from './objects/leaderboard.js';
import type { HeldLock, LockOptions } from './objects/lock.interface.js';
import { type Announce, Locks } from './objects/locks.js';
import { perform } from './objects/perform.js';
import { hit, type RateLimitOptions, type RateLimitResult } from './objects/rate-limit.js';
import { StateMap } from './objects/state-map.js';
import { StripedCounter, type StripedCounterOptions } from './objects/striped-counter.js';
import { type SetOptions, Values } from './objects/values.js';
import type { OperationOutcome } from './client/operation-outcome.interface.js';
import { STATE_CLIENT, type StateClient } from './client/state-client.js';
import { type DeadClient, stateProtocol } from './backends/ipc/state.protocol.js';
import { RUNTIME, type Runtime } from '../runtime/runtime.js';
import { printableError } from '../system/text/printable.js';

/** Milliseconds of a lease, of locks and leaders. */
const LEASE = 10_000;
const MIN_LEASE = 100;

/**
 * State that all workers share, as if they were one process: in the memory of the primary or, with the
 * option `redis`, in Redis, and then with all hosts of the namespace. Injectable anywhere.
 *
 * Every call settles: with its value, or with a `ClusterError`, within `state.timeout`. One that is
 * rejected is not applied later. What finds no memory left is rejected with a `StateFullError`. Counters, values, maps and leaderboards have their names in common: what
 * is a map cannot be a counter.
 *
 * @publicApi
 */
@Injectable()
export class SharedState {
  readonly #values: Values;
  readonly #locks: Locks;
  readonly #leaders = new Map<string, Leader>();
  readonly #logger = new Logger('SharedState');
  readonly #stopWatchingDrain: () => void;
  readonly #drainSignal: AbortSignal;
  #isClosed = false;

  /** @internal */
  constructor(
    @Inject(STATE_CLIENT) private readonly client: StateClient,
    @Inject(CLUSTER_OPTIONS) private readonly options: ResolvedClusterOptions,
    @Inject(RUNTIME) { host, lifecycle }: Runtime,
  ) {
    this.#drainSignal = lifecycle.drainSignal;
    const channel = host.channel.open(stateProtocol, message => {
      if (message.type === 'clientDied') {
        void this.#releaseLocksOf(message.dead);
      }
    });
    client.onClose(() => this.#close());
    this.#values = new Values(client, options.state.maxValueBytes);
    // What is held in the memory of the primary, it knows without being told.
    const announce: Announce = async (id, key) =>
      options.redis && channel.post({ type: 'client', client: id, key });
    this.#locks = new Locks(client, announce);
    const resign = (): void => this.#leaders.forEach(leader => void leader.resign());
    lifecycle.drainSignal.addEventListener('abort', resign);
    this.#stopWatchingDrain = () => {
      channel.close();
      lifecycle.drainSignal.removeEventListener('abort', resign);
    };
  }

  /**
   * A number that all workers count.
   *
   * @throws StateInputError for options it does not take
   */
  counter(name: string, options: StripedCounterOptions): StripedCounter;
  counter(name: string, options?: CounterOptions): Counter;
  counter(
    name: string,
    options: CounterOptions | StripedCounterOptions = {},
  ): Counter | StripedCounter {
    return typeof options === 'object' && options !== null && 'stripes' in options
      ? new StripedCounter(this.client, name, options)
      : new Counter(this.client, name, options);
  }

  /**
   * The value at a key, `undefined` if there is none.
   *
   * @throws StateTypeError if a map or a leaderboard stands there
   * @throws StateUnavailableError if the backend does not answer in time
   */
  get<T = unknown>(key: string): Promise<T | undefined> {
    return this.#values.get<T>(key);
  }

  /** The values of those keys that have one. */
  getMany<T = unknown>(keys: readonly string[]): Promise<Map<string, T>> {
    return this.#values.getMany<T>(keys);
  }

  /** Whether anything stands at a key. */
  has(key: string): Promise<boolean> {
    return this.#values.has(key);
  }

  /**
   * Stores a value, in place of whatever value was there.
   *
   * @throws StateInputError for what JSON cannot carry, or is too long
   * @throws StateTypeError if a map or a leaderboard stands there
   * @throws StateUnavailableError if it was not applied, AmbiguousResultError if it may have been
   */
  set(key: string, value: unknown, options?: SetOptions): Promise<void> {
    return this.#values.set(key, value, options);
  }

  /**
   * Stores a value if nothing stands at the key.
   *
   * @returns whether it was stored
   */
  setIfAbsent(key: string, value: unknown, options?: SetOptions): Promise<boolean> {
    return this.#values.setIfAbsent(key, value, options);
  }

  /**
   * Removes what stands at a key, whatever it is.
   *
   * @returns whether anything did
   */
  delete(key: string): Promise<boolean> {
    return this.#values.delete(key);
  }

  /**
   * Replaces a value by what `change` makes of it, provided that nobody else has changed it meanwhile;
   * otherwise `change` is called again, with the new value. Its time to live goes on unless given anew.
   *
   * @returns the value that was stored
   * @throws UpdateConflictError if others came in between each time, for as long as `state.timeout`
   * @throws whatever `change` throws; nothing is stored then
   */
  update<T>(
    key: string,
    change: (value: T | undefined) => T | Promise<T>,
    options?: SetOptions,
  ): Promise<T> {
    return this.#values.update(key, change, options);
  }

  /** Fields with values under one name: `state.map<Order>('orders')`. */
  map<T = unknown>(name: string): StateMap<T> {
    return new StateMap<T>(this.client, name, this.options.state.maxValueBytes);
  }

  /** Members in the order of their scores. */
  leaderboard(name: string): Leaderboard {
    return new Leaderboard(this.client, name);
  }

  /**
   * Runs a task while no other worker of any host runs one under the same name. Those who wait get the
   * lock in the order in which they came.
   *
   * The lock is free when the task has come to its end, at once when its worker dies, and after its
   * lease when its host does.
   *
   * @returns what the task returns
   * @throws LockTimeoutError if it was not free in time
   * @throws StateUnavailableError, AmbiguousResultError if the backend did not answer in time: the task
   * did not run
   * @throws whatever the task throws
   */
  async lock<T>(
    name: string,
    task: (lock: HeldLock) => T | Promise<T>,
    options: LockOptions = {},
  ): Promise<T> {
    checkName(name, 'The name of a lock');
    checkFunction(name, 'The task of the lock', task);
    checkOptions(name, options, ['wait', 'lease']);
    const { wait = this.client.timeout, lease = LEASE } = options;
    checkMilliseconds(name, 'wait of the lock', wait, 0);
    checkMilliseconds(name, 'lease of the lock', lease, MIN_LEASE);
    const hold = await this.#locks.acquire({ key: `lock:${name}`, name, wait, lease });
    try {
      return await task({ signal: hold.signal, token: hold.claim.token });
    } finally {
      await hold.release();
    }
  }

  /** Asks a limit that all workers share, and counts the call if it is allowed. */
  rateLimit(key: string, options: RateLimitOptions): Promise<RateLimitResult> {
    return hit(this.client, key, options);
  }

  /**
   * Stands for an office that one worker of all hosts holds at a time. The first call for a name begins
   * the candidate of this worker; each returns the same object.
   */
  leader(name: string, options: LeaderOptions = {}): Leader {
    checkName(name, 'The name of a leader');
    checkOptions(name, options, ['lease']);
    const known = this.#leaders.get(name);
    const { lease = known?.lease ?? LEASE } = options;
    checkMilliseconds(name, 'lease of the leader', lease, MIN_LEASE);
    if (known && known.lease !== lease) {
      throw new StateInputError(
        name,
        `The leader "${name}" has a lease of ${known.lease} ms already; ${lease} was asked for.`,
      );
    }
    const leader = known ?? new Leader(this.#locks, name, lease, this.#logger);
    this.#leaders.set(name, leader);
    if (this.#drainSignal.aborted || this.#isClosed) {
      void leader.resign();
    }
    return leader;
  }

  /**
   * What became of an operation that ended in an `AmbiguousResultError`, in this worker or another one,
   * within the last hour.
   *
   * @param operationId that of the error
   * @throws StateUnavailableError if the backend does not tell
   */
  resolve(operationId: string): Promise<OperationOutcome> {
    return this.client.resolve(operationId);
  }

  /** Gives up every office and lock. */
  async #close(): Promise<void> {
    this.#isClosed = true;
    this.#stopWatchingDrain();
    await Promise.all([...this.#leaders.values()].map(leader => leader.resign()));
    await this.#locks.close();
  }

  /** Frees what a worker that is gone has left locked. */
  async #releaseLocksOf({ client, keys }: DeadClient): Promise<void> {
    await Promise.all(
      keys.map(async key => {
        const held = await perform(this.client, 'a lock', { name: 'lockHeld', key, client });
        await Promise.all(
          held.map(([lock, owner]) =>
            perform(this.client, 'a lock', { name: 'lockRelease', key: lock, owner }),
          ),
        );
      }),
    ).catch((error: unknown) => {
      this.#logger.warn(
        `The locks of a worker that is gone will be free after their leases: ${printableError(error)}`,
      );
    });
  }
}
