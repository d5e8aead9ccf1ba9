import { Inject, Injectable, Logger } from '@nestjs/common';
import { hostStart } from '../bootstrap/host-start.js';
import { releaseName } from '../config/release.js';
import { CLUSTER_OPTIONS, type ResolvedClusterOptions } from '../config/resolve-options.js';
import {
  checkFunction,
  checkName,
  checkPrefix,
  LOCK_RULES,
  SEMAPHORE_RULES,
  TRY_LOCK_RULES,
  stateInput,
} from './state.validation.js';
import { Counter, type CounterOptions } from './objects/counter.js';
import type { Leader, LeaderOptions } from './objects/leader.js';
import { Leaderboard } from './objects/leaderboard.js';
import { lockKey } from './client/lock-release.js';
import { runHolding } from './objects/held-lock.js';
import type { Hold } from './objects/hold.js';
import type { CacheOptions, CacheSetOptions } from './objects/cache/cache-options.interface.js';
import { Caches } from './objects/cache/caches.js';
import type { CacheSource } from './objects/cache/shared-feed.js';
import { SingleFlight } from './objects/cache/single-flight.js';
import type { StateCache } from './objects/cache/state-cache.js';
import { KnownOptions } from './objects/known-options.js';
import type {
  HeldLock,
  LockOptions,
  TryLockOptions,
  TryLockResult,
} from './objects/lock.interface.js';
import { type SemaphoreOptions, StateSemaphore } from './objects/semaphore.js';
import { DEFAULT_LEASE, Locks } from './objects/locks.js';
import { Once } from './objects/once.js';
import { type OnceContext, type OnceOptions, onceRequest } from './once-options.js';
import { clearKeys, keysOf } from './objects/key-scan.js';
import {
  type PeekRateLimitOptions,
  RateLimits,
  type RateLimitOptions,
  type RateLimitResult,
} from './objects/rate-limits.js';
import { StateMap } from './objects/state-map.js';
import { StateSet, type StateSetOptions } from './objects/state-set.js';
import { StripedCounter, type StripedCounterOptions } from './objects/striped-counter.js';
import { type SetOptions, Values } from './objects/values.js';
import { Elections } from './objects/elections.js';
import { watchDeadClients } from './objects/dead-clients.js';
import type { OperationOutcome } from './client/operation-outcome.interface.js';
import type { StateClient } from './client/state-client.js';
import { STATE_CLIENT } from './client/state-client.token.js';
import { RUNTIME, type Runtime } from '../runtime/runtime.js';
import { stateMessages } from './state.messages.js';
import { LockTimeoutError } from '../model/errors/lock-timeout.error.js';
import { printable } from '../system/text/printable.js';

/**
 * State that all workers share: in the memory of the primary or, with the option `redis`, in Redis, where all hosts
 * of the namespace share it. Injectable anywhere.
 *
 * Every call resolves with its value, or rejects with a `ClusterError`, within `state.timeout`. A rejected call is
 * not applied later. A call for which the backend has no memory rejects with a `StateFullError`. Counters, values,
 * maps and leaderboards share one set of keys: a key that holds a map cannot be used as a counter.
 *
 * @publicApi
 */
@Injectable()
export class SharedState {
  readonly #values: Values;
  readonly #limits: RateLimits;
  readonly #locks: Locks;
  readonly #elections: Elections;
  readonly #caches: Caches;
  readonly #once: Once;
  readonly #counters = new KnownOptions('The counter');
  readonly #semaphores = new KnownOptions('The semaphore');
  readonly #logger = new Logger('SharedState');
  readonly #stopListening: () => void;
  readonly #drainSignal: AbortSignal;
  #isClosed = false;

  /** @internal */
  constructor(
    @Inject(STATE_CLIENT) private readonly client: StateClient,
    @Inject(CLUSTER_OPTIONS) private readonly options: ResolvedClusterOptions,
    @Inject(RUNTIME) { host, lifecycle }: Runtime,
  ) {
    const { drainSignal, answeredSignal } = lifecycle;
    const { maxValueBytes } = options.state;
    this.#drainSignal = drainSignal;
    const channel = watchDeadClients(client, host.channel, this.#logger);
    client.onClose(() => this.#close());
    this.#limits = new RateLimits(client);
    this.#locks = new Locks(
      client,
      // With the memory backend, the primary already knows the locks.
      async (id, key) => options.redis && channel.post({ type: 'client', client: id, key }),
      (lock, why) =>
        this.#logger.warn(
          `The lock "${printable(lock)}" was lost while its task ran: ${why}. Another worker may have it; the signal of the task has aborted`,
        ),
    );
    const flights = new SingleFlight(client, this.#locks);
    this.#values = new Values(client, flights, maxValueBytes);
    this.#caches = new Caches({ client, flights, maxValueBytes }, this.#logger);
    this.#elections = new Elections(this.#locks, drainSignal, this.#logger);
    this.#once = new Once(
      client,
      this.#locks,
      maxValueBytes,
      () => drainSignal.aborted || this.#isClosed,
    );
    const refuse = (): void => this.#locks.refuse(stateMessages.draining());
    answeredSignal.addEventListener('abort', refuse);
    this.#stopListening = () => {
      channel.close();
      answeredSignal.removeEventListener('abort', refuse);
    };
  }

  /**
   * Returns a counter that all workers share.
   *
   * @throws StateInputError for an invalid name or option, or if this worker has used the name with other options; a call
   * without options never conflicts
   */
  counter(name: string, options: StripedCounterOptions): StripedCounter;
  counter(name: string, options?: CounterOptions): Counter;
  counter(
    name: string,
    options: CounterOptions | StripedCounterOptions = {},
  ): Counter | StripedCounter {
    const isStriped = typeof options === 'object' && options !== null && 'stripes' in options;
    const counter = isStriped
      ? new StripedCounter(this.client, name, options)
      : new Counter(this.client, name, options);
    const { replicas: _, ...bounds } = options as Readonly<Record<string, number | undefined>>;
    if (Object.values(bounds).some(bound => bound !== undefined)) {
      this.#counters.check(name, bounds);
    }
    return counter;
  }

  /**
   * Returns the value at a key; `undefined` if there is none.
   *
   * @throws StateTypeError if the key holds a map or a leaderboard
   * @throws StateUnavailableError if the backend does not answer in time
   */
  get<T = unknown>(key: string): Promise<T | undefined> {
    return this.#values.get<T>(key);
  }

  /** Returns the values of those keys that have one. */
  getMany<T = unknown>(keys: readonly string[]): Promise<Map<string, T>> {
    return this.#values.getMany<T>(keys);
  }

  /** Returns whether a key holds anything. */
  has(key: string): Promise<boolean> {
    return this.#values.has(key);
  }

  /**
   * Stores a value, and replaces an earlier value at the key.
   *
   * @throws StateInputError for a value that is not JSON or too long
   * @throws StateTypeError if the key holds a map or a leaderboard
   * @throws StateUnavailableError if it was not applied, AmbiguousResultError if it may have been
   */
  set(key: string, value: unknown, options?: SetOptions): Promise<void> {
    return this.#values.set(key, value, options);
  }

  /**
   * Stores a value if the key holds nothing.
   *
   * @returns whether it was stored
   */
  setIfAbsent(key: string, value: unknown, options?: SetOptions): Promise<boolean> {
    return this.#values.setIfAbsent(key, value, options);
  }

  /**
   * Deletes a key of any type.
   *
   * @returns whether the key held anything
   */
  delete(key: string): Promise<boolean> {
    return this.#values.delete(key);
  }

  /**
   * Replaces a value by the result of `change`, or deletes the key if that is `undefined`. If another call has changed
   * the value meanwhile, `change` is called again with the new value. The time to live continues unless `ttl` is set.
   *
   * @returns the value that was stored; `undefined` if the key was deleted
   * @throws UpdateConflictError if every attempt within `state.timeout` conflicted with another change
   * @throws the error of `change`; nothing is stored
   */
  update<T>(
    key: string,
    change: (value: T | undefined) => T | Promise<T>,
    options?: SetOptions,
  ): Promise<T>;
  update<T>(
    key: string,
    change: (value: T | undefined) => T | undefined | Promise<T | undefined>,
    options?: SetOptions,
  ): Promise<T | undefined>;
  update<T>(
    key: string,
    change: (value: T | undefined) => T | undefined | Promise<T | undefined>,
    options?: SetOptions,
  ): Promise<T | undefined> {
    return this.#values.update(key, change, options);
  }

  /**
   * Returns the value at a key. If there is none, loads and stores it: once, however many callers of all workers need it at
   * the same time. If the loader fails, all of them get an error. If the backend does not answer, each worker loads.
   *
   * @throws StateInputError for a value that is not JSON or too long
   * @throws CacheLoadError if the loader failed in another worker
   * @throws LockTimeoutError if another worker loads for longer than 30 s
   * @throws the error of the loader
   */
  getOrSet<T>(key: string, load: () => T | Promise<T>, options: CacheSetOptions = {}): Promise<T> {
    return this.#values.getOrSet(key, load, options);
  }

  /**
   * Returns a cache that all workers share: `state.cache<User>('users', { ttl: 60_000, near: true })`. Use the same options
   * in every call. Calls with the same name and `near` share the copies of this worker.
   *
   * @throws StateInputError for an invalid name or option
   */
  cache<T = unknown>(name: string, options: CacheOptions = {}): StateCache<T> {
    return this.#caches.open<T>(name, options);
  }

  /** Sets what tells the workers of changes of caches. @internal */
  provideFeed(source: CacheSource): void {
    this.#caches.feed.source = source;
  }

  /**
   * Returns the milliseconds after which a key of any type expires; `undefined` if it does not expire, or does not
   * exist.
   */
  ttl(key: string): Promise<number | undefined> {
    return this.#values.ttl(key);
  }

  /**
   * Makes a key of any type expire after `ttl` milliseconds, counted from now; with `null`, never.
   *
   * @returns whether the key exists
   */
  expire(key: string, ttl: number | null): Promise<boolean> {
    return this.#values.expire(key, ttl);
  }

  /**
   * Returns the keys that begin with `prefix`: counters, values, maps, sets and leaderboards; with `''`, all of them. Keys
   * of this package, which begin with `~` or `$nestjs-cluster`, are not returned.
   * Reads them in pages, so there may be any number of keys. A key that is stored or deleted meanwhile may or may
   * not be returned. With Redis, a key may be returned twice.
   *
   * ```ts
   * for await (const key of state.keys('cart:')) {
   * ```
   *
   * @throws StateInputError for an invalid prefix
   * @throws StateUnavailableError if the backend does not answer
   */
  keys(prefix: string): AsyncIterable<string> {
    checkPrefix(prefix, 'The prefix of the keys');
    return keysOf(this.client, prefix);
  }

  /**
   * Deletes the keys that `keys(prefix)` returns; `prefix` has at least one character. Keys that are stored meanwhile may
   * remain. If it rejects, some of the keys may have been deleted; call it again.
   *
   * @returns how many keys were deleted
   */
  clear(prefix: string): Promise<number> {
    return clearKeys(this.client, prefix);
  }

  /** Returns a map of fields to values: `state.map<Order>('orders')`. */
  map<T = unknown>(name: string): StateMap<T> {
    return new StateMap<T>(this.client, name, this.options.state.maxValueBytes);
  }

  /** Returns a set of values: `state.stateSet<string>('online', { ttl: 60_000 })`. */
  stateSet<T = unknown>(name: string, options?: StateSetOptions): StateSet<T> {
    return new StateSet<T>(this.client, name, options);
  }

  /** Returns a leaderboard: members ordered by score. */
  leaderboard(name: string): Leaderboard {
    return new Leaderboard(this.client, name);
  }

  /**
   * Runs a task while no other worker of any host runs one with the same lock name. Waiting calls get the lock in the
   * order of their requests.
   *
   * The lock is released when the task has ended, at once when its worker dies, and after the lease when its host dies.
   *
   * While this worker drains, in-flight requests still get locks. When they are answered, calls that wait are rejected.
   *
   * @returns the result of the task
   * @throws LockTimeoutError if the lock was not free in time
   * @throws StateUnavailableError, AmbiguousResultError if the backend did not answer in time: the task
   * did not run
   * @throws the reason of `signal`, or the error of the task
   */
  async lock<T>(
    name: string,
    task: (lock: HeldLock) => T | Promise<T>,
    options: LockOptions = {},
  ): Promise<T> {
    checkName(name, 'The name of a lock');
    checkFunction(name, 'The task of the lock', task);
    const {
      wait = this.client.timeout,
      lease = DEFAULT_LEASE,
      signal,
    } = stateInput.options(LOCK_RULES, 'the lock', name, options);
    const hold = await this.#locks.acquire({ key: lockKey(name), name, wait, lease, signal });
    return runHolding(hold, task);
  }

  /**
   * Runs a task if the lock is free, and does not wait for it. While this worker drains, the lock counts as held, so that
   * no new work begins.
   *
   * @returns the result of the task, or that the lock was held
   * @throws StateUnavailableError, AmbiguousResultError if the backend did not answer in time: the task
   * did not run
   * @throws the error of the task
   */
  async tryLock<T>(
    name: string,
    task: (lock: HeldLock) => T | Promise<T>,
    options: TryLockOptions = {},
  ): Promise<TryLockResult<T>> {
    checkName(name, 'The name of a lock');
    checkFunction(name, 'The task of the lock', task);
    const { lease = DEFAULT_LEASE } = stateInput.options(TRY_LOCK_RULES, 'the lock', name, options);
    if (this.#drainSignal.aborted) {
      return { acquired: false };
    }
    let hold: Hold;
    try {
      hold = await this.#locks.acquire({ key: lockKey(name), name, wait: 0, lease });
    } catch (error) {
      if (error instanceof LockTimeoutError) {
        return { acquired: false };
      }
      throw error;
    }
    return { acquired: true, value: await runHolding(hold, task) };
  }

  /**
   * Runs a task in one process of all workers and hosts, once for each release, each start, or for ever. The others wait, and
   * get the result as JSON. If the process dies, or its task fails, another one that waits runs the task. Each call runs it at
   * most once.
   *
   * Runs of one name never overlap, whatever `per` is. Before Nest is created, use `clusterOnce()`.
   *
   * @returns the result of the task; `undefined` if another process has run it and its result is not JSON, or is longer than
   * `state.maxValueBytes`
   * @throws LockTimeoutError if another process runs the task for longer than `timeout`
   * @throws StateUnavailableError, AmbiguousResultError if the backend is unavailable for longer, or this worker drains: the
   * task did not run, or it is unknown whether it counts as done
   * @throws StateFullError if the backend has no memory: the task did not run, or has run and does not count as done, as the
   * message says
   * @throws the error of the task, which then does not count as done
   */
  async once<T>(
    name: string,
    task: (context: OnceContext) => T | Promise<T>,
    options: OnceOptions = {},
  ): Promise<T | undefined> {
    const request = onceRequest(name, task, options, () => ({
      release: releaseName(this.options),
      start: hostStart(),
    }));
    return this.#once.run(request, task);
  }

  /**
   * Returns a semaphore, which limits how many tasks run at the same time in all workers together:
   * `state.semaphore('pdf', { permits: 4 }).run(task)`.
   *
   * @throws StateInputError for an invalid option, or if this worker has used the name with other `permits`
   */
  semaphore(name: string, options: SemaphoreOptions): StateSemaphore {
    checkName(name, 'The name of a semaphore');
    const { permits, lease = DEFAULT_LEASE } = stateInput.options(
      SEMAPHORE_RULES,
      'the semaphore',
      name,
      options,
    );
    this.#semaphores.check(name, { permits });
    return new StateSemaphore(this.#locks, name, permits, lease, this.client.timeout);
  }

  /**
   * Checks a rate limit that all workers share, and counts the call if it is allowed.
   *
   * @throws StateInputError for an invalid option, or if this worker has used the key with another `limit` or `window`
   * @throws StateOutageError if the backend does not answer, unless `onOutage` is set
   */
  rateLimit(key: string, options: RateLimitOptions): Promise<RateLimitResult> {
    return this.#limits.hit(key, options);
  }

  /** Returns what `rateLimit()` would, and counts nothing. */
  peekRateLimit(key: string, options: PeekRateLimitOptions): Promise<RateLimitResult> {
    return this.#limits.peek(key, options);
  }

  /**
   * Forgets the calls that a rate limit has counted.
   *
   * @returns whether there were any
   */
  resetRateLimit(key: string): Promise<boolean> {
    return this.#limits.reset(key);
  }

  /**
   * Joins the leader election `name`. One worker in the cluster is the leader. Calls with the same name return the
   * same object.
   */
  leader(name: string, options: LeaderOptions = {}): Leader {
    return this.#elections.join(name, options);
  }

  /**
   * Returns the outcome of an operation that rejected with an `AmbiguousResultError` within the last hour, in this
   * worker or another one.
   *
   * @param operationId the `operationId` of the error
   * @throws StateUnavailableError if the backend does not answer
   */
  resolve(operationId: string): Promise<OperationOutcome> {
    return this.client.resolve(operationId);
  }

  /** The client, for the entry points of this package. @internal */
  get stateClient(): StateClient {
    return this.client;
  }

  /** Resigns from all elections and releases all locks. */
  async #close(): Promise<void> {
    this.#isClosed = true;
    this.#stopListening();
    await this.#elections.close();
    await this.#locks.close();
  }
}
