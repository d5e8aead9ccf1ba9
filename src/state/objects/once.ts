import { setTimeout as delay } from 'node:timers/promises';
import { AmbiguousResultError } from '../../model/errors/ambiguous-result.error.js';
import { LockTimeoutError } from '../../model/errors/lock-timeout.error.js';
import { StateFullError } from '../../model/errors/state-full.error.js';
import { StateInputError } from '../../model/errors/state-input.error.js';
import { StateOutageError } from '../../model/errors/state-outage.error.js';
import { StateUnavailableError } from '../../model/errors/state-unavailable.error.js';
import { systemClock } from '../../system/time/clock.js';
import { afterReading } from '../../system/time/deadline-timer.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import type { StateClient } from '../client/state-client.js';
import { lockKey } from '../client/lock-release.js';
import { fromJson, toJson } from '../json-value.js';
import type { OnceMark, OnceOutcome } from '../once-marks.js';
import type { OnceRequest, OnceTask } from '../once-options.js';
import type { Hold } from './hold.js';
import type { Locks } from './locks.js';
import { isFailure } from '../operation.js';
import { stateMessages } from '../state.messages.js';
import { perform, resultOf } from './perform.js';

/** Milliseconds after which another process runs a task whose host is lost. */
const LEASE = 10_000;

/** Milliseconds between attempts while the backend is unavailable. */
const RETRY = 250;

/** Milliseconds for which the outcome of a task is tried to be stored at least. */
const STORE_PATIENCE = 30_000;

/**
 * Runs tasks once: the processes that need one queue for its lock. The holder runs it and stores the outcome. If it dies,
 * or its task fails, the next one in the queue runs the task.
 *
 * @internal
 */
export class Once {
  constructor(
    private readonly client: StateClient,
    private readonly locks: Pick<Locks, 'acquire'>,
    private readonly maxValueBytes: number,
    /** Whether it is not worth waiting for the backend any more. */
    private readonly isOver: () => boolean = () => false,
  ) {}

  /**
   * @throws LockTimeoutError if another process runs the task for longer than the timeout
   * @throws StateUnavailableError, AmbiguousResultError if the backend is unavailable for longer
   * @throws StateFullError if the backend has no memory for the lock, or for longer none for the outcome of the task
   * @throws the error of the task
   */
  async run<T>(request: OnceRequest, task: OnceTask<T>): Promise<T | undefined> {
    const until = monotonicNow() + request.timeout;
    const before = await this.#patiently(until, () => this.outcomeOf(request));
    if (before) {
      return before.value as T;
    }
    const hold = await this.#patiently(until, () => this.#acquire(request, until));
    try {
      const known = await this.#patiently(until, () => this.outcomeOf(request));
      return known
        ? (known.value as T)
        : await this.#run(request, hold, task, Math.max(1, until - monotonicNow()));
    } finally {
      await hold.release();
    }
  }

  /**
   * Returns what is stored; `undefined` if the task is not done. Without its value if that is too large to be read: another
   * configuration may have stored it.
   */
  outcomeOf({ key }: Pick<OnceRequest, 'key'>): Promise<Pick<OnceOutcome, 'value'> | undefined> {
    return this.client.run<'get', Pick<OnceOutcome, 'value'> | undefined>(
      { name: 'get', key },
      (result, operation) =>
        isFailure(result) && result.failed === 'large'
          ? {}
          : (fromJson(key, resultOf(operation, 'a value', result)) as OnceOutcome | undefined),
    );
  }

  /** Stores that a task is done, unless that is stored. */
  async note({ text, ...place }: OnceMark): Promise<void> {
    await perform(this.client, 'a value', { name: 'setIfAbsent', value: text, ...place });
  }

  async #run<T>(request: OnceRequest, hold: Hold, task: OnceTask<T>, left: number): Promise<T> {
    const { token } = hold.claim;
    const value = await runInTime(request.name, left, signal =>
      task({ signal: AbortSignal.any([hold.signal, signal]), token }),
    );
    const mark = markOf(request, value, this.maxValueBytes);
    try {
      const until = monotonicNow() + Math.max(left, STORE_PATIENCE);
      await this.#patiently(until, () => this.note(mark), isOutage);
    } catch (error) {
      throw notRecorded(request.name, error);
    }
    return value;
  }

  #acquire({ name, timeout }: OnceRequest, until: number): Promise<Hold> {
    const key = lockKey(`$nestjs-cluster.once:${name}`);
    const wait = Math.max(0, Math.ceil(until - monotonicNow()));
    return this.locks.acquire({ key, name, wait, lease: LEASE }).catch((error: unknown) => {
      throw error instanceof LockTimeoutError ? new LockTimeoutError(name, timeout) : error;
    });
  }

  /** Repeats a call while the backend is unavailable. */
  async #patiently<Value>(
    until: number,
    call: () => Promise<Value>,
    isToRepeat = isAway,
  ): Promise<Value> {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!isToRepeat(error) || this.isOver() || monotonicNow() >= until) {
          throw error;
        }
        await delay(RETRY);
      }
    }
  }
}

function isAway(error: unknown): boolean {
  return error instanceof StateUnavailableError || error instanceof AmbiguousResultError;
}

/** Also if the backend is full: the task itself may have filled it. */
function isOutage(error: unknown): boolean {
  return error instanceof StateOutageError;
}

/** Returns the error of a call whose task has run, but does not count as done. */
function notRecorded(name: string, cause: unknown): unknown {
  for (const Refusal of [StateFullError, StateUnavailableError]) {
    if (cause instanceof Refusal) {
      const why = stateMessages.notRecorded(name, cause.why);
      return new Refusal(cause.operation, cause.key, why, { cause });
    }
  }
  return cause;
}

/**
 * Runs a task, with a signal that aborts after a time.
 *
 * @internal
 */
export async function runInTime<T>(
  name: string,
  milliseconds: number,
  task: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const cancel = afterReading(milliseconds, () =>
    controller.abort(new DOMException(`The time for the task "${name}" is over`, 'TimeoutError')),
  );
  try {
    return await task(controller.signal);
  } finally {
    cancel();
  }
}

/**
 * Returns what to store about a task that is done. Its result is left out if it is not JSON, or too long: the task is done
 * nevertheless.
 *
 * @internal
 */
export function markOf(
  { key, ttl }: Pick<OnceRequest, 'key' | 'ttl'>,
  value: unknown,
  maxBytes: number,
): OnceMark {
  const at = systemClock.wallTime();
  const lasting = ttl === undefined ? {} : { ttl };
  try {
    const outcome: OnceOutcome = { at, ...(value !== undefined && { value }) };
    return { key, text: toJson(key, outcome, maxBytes), ...lasting };
  } catch (error) {
    if (error instanceof StateInputError) {
      return { key, text: JSON.stringify({ at } satisfies OnceOutcome), ...lasting };
    }
    throw error;
  }
}
