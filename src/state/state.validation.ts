import { StateInputError } from '../model/errors/state-input.error.js';
import { asText, shown } from '../system/text/shown.js';
import { InputChecks } from '../validation/input-checks.js';
import {
  abortSignal,
  aFunction,
  finite,
  milliseconds,
  name,
  oneOf,
  required,
  trueOrFalse,
  whole,
} from '../validation/rules.js';
import type { Rule } from '../validation/rule.interface.js';
import { MAX_DURATION } from './max-duration.js';

/** The maximum length of the prefix of sessions in bytes, so that their ids fit into keys. */
const MAX_PREFIX_BYTES = 256;

/** The maximum length of a key, a field or a member in bytes. @internal */
export const MAX_KEY_BYTES = 1_024;

const MIN_LEASE = 100;

/** The maximum number of counters in a striped counter. @internal */
export const MAX_STRIPES = 1024;

const duration = milliseconds(1, MAX_DURATION);

const trueFalseOrObject: Rule<boolean | object> = {
  expected: 'true, false or an object with options',
  accept: value =>
    typeof value === 'boolean' || (typeof value === 'object' && value !== null) ? value : undefined,
};

const lease = milliseconds(MIN_LEASE, MAX_DURATION);
const replicas = whole(0, 100);

/** Options of `SharedState.counter()`. @internal */
export const COUNTER_RULES = { min: whole(), max: whole(), ttl: duration, replicas };

/** Options of `SharedState.counter()` for a striped counter. @internal */
export const STRIPED_COUNTER_RULES = { stripes: required(whole(1, MAX_STRIPES)), replicas };

/** Options of `SharedState.set()`, `setIfAbsent()`, `update()` and `getOrSet()`. @internal */
export const SET_RULES = { ttl: duration };

/** Options of `SharedState.lock()`. @internal */
export const LOCK_RULES = { wait: milliseconds(0, MAX_DURATION), lease, signal: abortSignal };

/** Options of `SharedState.tryLock()`. @internal */
export const TRY_LOCK_RULES = { lease };

/** Options of `SharedState.semaphore()`. @internal */
export const SEMAPHORE_RULES = { permits: required(whole(1, 100_000)), lease };

/** Options of `StateSemaphore.run()`. @internal */
export const SEMAPHORE_RUN_RULES = { wait: milliseconds(0, MAX_DURATION), signal: abortSignal };

/** Options of `SharedState.leader()`. @internal */
export const LEADER_RULES = { lease };

/** Options of `SharedState.peekRateLimit()`. @internal */
export const PEEK_RATE_LIMIT_RULES = {
  limit: required(whole(1, 1_000_000_000)),
  window: required(duration),
  cost: whole(1, 1_000_000_000),
};

/** Options of `SharedState.cache()`. @internal */
export const CACHE_RULES = {
  ttl: duration,
  maxEntries: whole(1, 1_000_000_000),
  maxBytes: whole(1),
  near: trueFalseOrObject,
};

/** Options of a near cache. @internal */
export const NEAR_CACHE_RULES = { maxEntries: whole(1, 1_000_000), freeze: trueOrFalse };

/** Options of `StateCache.set()`. @internal */
export const CACHE_SET_RULES = { ttl: duration };

/** Options of `StateCache.wrap()`. @internal */
export const CACHE_WRAP_RULES = {
  ttl: duration,
  stale: milliseconds(0, MAX_DURATION),
  wait: milliseconds(0, MAX_DURATION),
};

/** Options of `ClusterSessionStore`. @internal */
export const SESSION_RULES = {
  prefix: name(MAX_PREFIX_BYTES),
  ttl: duration,
  onOutage: oneOf('allow', 'refuse'),
};

/** Options of adapters for which the backend may be unavailable. @internal */
export const ON_OUTAGE_RULES = { onOutage: oneOf('allow', 'refuse') };

/** Options of `SharedState.rateLimit()`. @internal */
export const RATE_LIMIT_RULES = {
  ...PEEK_RATE_LIMIT_RULES,
  onOutage: oneOf('allow', 'refuse'),
};

const timeToLive = milliseconds(1, MAX_DURATION);

/** @throws StateInputError unless it is a time to live in milliseconds, or `null` @internal */
export function checkTtl(key: string, ttl: unknown): void {
  if (ttl !== null) {
    stateInput.value(timeToLive, 'The time to live of', key, ttl);
  }
}

/**
 * Checks the beginning of keys.
 *
 * @param what as in "The prefix of the keys"
 * @throws StateInputError
 * @internal
 */
export function checkPrefix(
  value: unknown,
  what: string,
  minLength: 0 | 1 = 0,
): asserts value is string {
  if (value !== '' || minLength > 0) {
    checkName(value, what);
  }
}

const key = name(MAX_KEY_BYTES);
const anyWhole = whole();

/** Throws a `StateInputError` for an invalid argument. @internal */
export const stateInput = new InputChecks(StateInputError);

/**
 * Checks the name of a key, a field or a member.
 *
 * @param what as in "A key"
 * @throws StateInputError
 * @internal
 */
export function checkName(value: unknown, what = 'A key'): asserts value is string {
  stateInput.name(key, what, value);
}

/**
 * Checks a list of keys.
 *
 * @throws StateInputError
 * @internal
 */
export function checkNames(names: unknown): asserts names is readonly string[] {
  if (!Array.isArray(names)) {
    throw new StateInputError(
      asText(names),
      `Keys must be a list of strings, but got ${shown(names)}.`,
    );
  }
  // Not `forEach()`, which skips holes.
  for (const each of names as readonly unknown[]) {
    checkName(each);
  }
}

/**
 * @param what as in "An increment of the counter"
 * @throws StateInputError unless it is a whole number within the bounds
 * @internal
 */
export function checkWhole(subject: string, what: string, value: unknown, rule = anyWhole): void {
  stateInput.value(rule, what, subject, value);
}

/** @throws StateInputError unless it is a finite number @internal */
export function checkFinite(subject: string, what: string, value: unknown): void {
  stateInput.value(finite, what, subject, value);
}

/** @throws StateInputError unless it is a function @internal */
export function checkFunction(subject: string, what: string, value: unknown): void {
  stateInput.value(aFunction, what, subject, value);
}
