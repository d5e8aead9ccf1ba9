import { oneOf, milliseconds, name } from '../validation/rules.js';
import { MAX_DURATION } from './max-duration.js';
import { checkFunction, stateInput } from './state.validation.js';

/** How often a task of `clusterOnce()` and `SharedState.once()` runs. @publicApi */
export type OncePer = 'release' | 'start' | 'forever';

/** Options of `SharedState.once()`. @publicApi */
export interface OnceOptions {
  /**
   * How often the task runs:
   *
   * - `'release'`: once for each release of the application, as the option `release` names it
   * - `'start'`: once for each start of a primary, or of the process in single mode. With several hosts, once for each of them
   * - `'forever'`: once for the state. Without Redis, the state ends with the primary
   *
   * @defaultValue 'release'
   */
  readonly per?: OncePer | undefined;
  /**
   * Milliseconds to wait for the run of another process, before the call rejects. The signal of the task aborts after the
   * same time. @defaultValue 600000
   */
  readonly timeout?: number | undefined;
}

/** The argument of a task of `clusterOnce()` and `SharedState.once()`. @publicApi */
export interface OnceContext {
  /**
   * Aborts when the task should end: its time is over, or this process was out of touch for so long (10 s) that another one
   * may run the task.
   */
  readonly signal: AbortSignal;
  /**
   * The fencing token: a number that grows with each run. A database that gets it with each write, and refuses lower numbers
   * than it has seen, is safe from a run that another one has replaced.
   */
  readonly token: number;
}

/** A task that runs once. @publicApi */
export type OnceTask<T> = (context: OnceContext) => T | Promise<T>;

/** What to run once. @internal */
export interface OnceRequest {
  readonly name: string;
  /** Where the outcome is stored. */
  readonly key: string;
  /** Milliseconds for which it is stored; `undefined` for ever. */
  readonly ttl: number | undefined;
  readonly timeout: number;
}

/** What the values of `per` stand for now. @internal */
export interface OnceScopes {
  readonly release: string;
  readonly start: string;
}

/** Keys have at most 1,024 bytes. */
const MAX_NAME_BYTES = 256;

const DEFAULT_TIMEOUT = 10 * 60_000;

/** A release or a host that is older than this many milliseconds runs its tasks again. */
const TTL = 365 * 24 * 3_600_000;

/** @internal */
export const ONCE_RULES = {
  per: oneOf('release', 'start', 'forever'),
  timeout: milliseconds(1, MAX_DURATION),
};

const taskName = name(MAX_NAME_BYTES);

/**
 * Checks the arguments of a call, and names the key of the task.
 *
 * @throws StateInputError
 * @internal
 */
export function onceRequest(
  given: string,
  task: unknown,
  options: OnceOptions,
  scopes: () => OnceScopes,
): OnceRequest {
  stateInput.name(taskName, 'The name of a task', given);
  checkFunction(given, 'The task', task);
  const { per = 'release', timeout = DEFAULT_TIMEOUT } = stateInput.options(
    ONCE_RULES,
    'the task',
    given,
    options,
  );
  const scope = per === 'forever' ? '' : scopes()[per];
  const key = `$nestjs-cluster.once:${per}:${encodeURIComponent(scope)}:${given}`;
  return { name: given, key, ttl: per === 'forever' ? undefined : TTL, timeout };
}
