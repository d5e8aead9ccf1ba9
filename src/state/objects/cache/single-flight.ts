import { createHash } from 'node:crypto';
import { CacheLoadError } from '../../../model/errors/cache-load.error.js';
import { LockTimeoutError } from '../../../model/errors/lock-timeout.error.js';
import { StateOutageError } from '../../../model/errors/state-outage.error.js';
import { within } from '../../../system/async/within.js';
import { isRecord } from '../../../system/is-record.js';
import { printableError } from '../../../system/text/printable.js';
import type { StateClient } from '../../client/state-client.js';
import { lockKey } from '../../client/lock-release.js';
import type { Hold } from '../hold.js';
import type { Locks } from '../locks.js';
import { perform } from '../perform.js';

/** The cache with the last failure of each load. */
const FAILURES = '$nestjs-cluster.load-failures';

/** Milliseconds for which a failure is remembered: callers that wait for the load ask for it at once. */
const FAILURE_TTL = 10_000;

const MAX_FAILURES = 1_000;

const LEASE = 10_000;

/** A value that is loaded once by all workers together. @internal */
export interface Flight<T> {
  /** Identifies the value, in all workers. */
  readonly id: string;
  /** Returns the value if it is stored. */
  readonly read: () => Promise<T | undefined>;
  readonly load: () => T | Promise<T>;
  readonly store: (value: T) => Promise<void>;
  /** Milliseconds to wait for another load; 0 to give up at once. */
  readonly wait: number;
}

type Wanted = Pick<Flight<unknown>, 'id' | 'wait'>;

/** The failure of a load. The token tells it from earlier ones. */
interface Failure {
  readonly token: number;
  readonly message: string;
}

/**
 * Loads values that many callers need, once in all workers together.
 *
 * One caller gets a lock and loads. The others wait for the lock, and then find the value, or the failure of the load. If
 * the worker that loads dies, the lock passes to another one, which loads.
 *
 * @internal
 */
export class SingleFlight {
  /** The loads of this worker, which all of its callers share. */
  readonly #flights = new Map<
    string,
    { readonly result: Promise<unknown>; readonly wait: number }
  >();

  constructor(
    private readonly client: StateClient,
    private readonly locks: Locks,
  ) {}

  /** Whether this worker loads the value, or waits for it. */
  has(id: string): boolean {
    return this.#flights.has(id);
  }

  /**
   * @throws CacheLoadError if the load of another worker failed
   * @throws LockTimeoutError if another worker loads for longer than `wait`
   * @throws the error of `load`
   */
  run<T>(flight: Flight<T>): Promise<T> {
    const { id, wait } = flight;
    const known = this.#flights.get(id);
    if (known) {
      return this.#join(flight, known.result as Promise<T>, known.wait);
    }
    const result = this.#run(flight).finally(() => this.#flights.delete(id));
    this.#flights.set(id, { result, wait });
    return result;
  }

  /** Waits for a load of this worker, which may hang. If that has given up earlier than this caller would, tries itself. */
  async #join<T>(flight: Flight<T>, result: Promise<T>, theirWait: number): Promise<T> {
    const name = `load:${digestOf(flight.id)}`;
    const late = (): never => {
      throw new LockTimeoutError(name, flight.wait);
    };
    try {
      return await within(flight.wait, result, late);
    } catch (error) {
      if (error instanceof LockTimeoutError && theirWait < flight.wait && !this.has(flight.id)) {
        return this.run(flight);
      }
      throw error;
    }
  }

  async #run<T>(flight: Flight<T>): Promise<T> {
    let hold: Hold;
    let before: Failure | undefined;
    const acquiring = this.#acquire(flight);
    try {
      [before, hold] = await Promise.all([this.#failureOf(flight), acquiring]);
    } catch (error) {
      // The lock may come later, and would be renewed for ever.
      void acquiring.then(late => late.release()).catch(() => {});
      return this.#loadAlone(flight, error);
    }
    try {
      let known: readonly [value: T | undefined, failure: Failure | undefined];
      try {
        known = await Promise.all([flight.read(), this.#failureOf(flight)]);
      } catch (error) {
        return await this.#loadAlone(flight, error);
      }
      const [value, failure] = known;
      if (value !== undefined) {
        return value;
      }
      if (failure && failure.token !== before?.token) {
        throw new CacheLoadError(failure.message);
      }
      return await this.#load(flight, hold);
    } finally {
      await hold.release();
    }
  }

  async #load<T>(flight: Flight<T>, hold: Hold): Promise<T> {
    let value: T;
    try {
      value = await flight.load();
    } catch (error) {
      await this.#fail(flight, { token: hold.claim.token, message: printableError(error) });
      throw error;
    }
    try {
      await flight.store(value);
    } catch (error) {
      // The value is valid although it could not be stored.
      if (!(error instanceof StateOutageError)) {
        await this.#fail(flight, { token: hold.claim.token, message: printableError(error) });
        throw error;
      }
    }
    return value;
  }

  /** Without the backend, each worker loads for itself. */
  async #loadAlone<T>({ load }: Flight<T>, error: unknown): Promise<T> {
    if (error instanceof StateOutageError) {
      return load();
    }
    throw error;
  }

  #acquire({ id, wait }: Wanted): Promise<Hold> {
    const name = `load:${digestOf(id)}`;
    return this.locks.acquire({
      key: lockKey(`$nestjs-cluster.${name}`),
      name,
      wait,
      lease: LEASE,
    });
  }

  async #failureOf({ id }: Wanted): Promise<Failure | undefined> {
    const entry = await perform(this.client, 'a cache', {
      name: 'cacheGet',
      key: FAILURES,
      field: digestOf(id),
    });
    const failure: unknown = entry && JSON.parse(entry.value);
    return isRecord(failure) ? (failure as unknown as Failure) : undefined;
  }

  async #fail({ id }: Wanted, failure: Failure): Promise<void> {
    await perform(this.client, 'a cache', {
      name: 'cacheSet',
      key: FAILURES,
      field: digestOf(id),
      value: JSON.stringify(failure),
      ttl: FAILURE_TTL,
      stale: 0,
      maxEntries: MAX_FAILURES,
    }).catch(() => {});
  }
}

/** Names may be long; locks and fields may not. */
function digestOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}
