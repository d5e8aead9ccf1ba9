import { unknownOption, wrongValue } from '../../validation/config-problem.js';
import { type MemoryBound, parseMemoryBound } from '../../config/memory-bound.js';
import { parseShare } from '../../system/limits/memory-share.js';
import { ConfigProblems } from '../../config/option-rule.js';
import type { HealthThresholds } from './thresholds.interface.js';

/** A resolved threshold; `undefined` for never. @internal */
export interface Limit<Value = number> {
  readonly degraded: Value | undefined;
  readonly down: Value | undefined;
}

/** A number of workers, or a share of all. @internal */
export type Part = number | { readonly share: number };

/** The resolved thresholds. @internal */
export type Limits = {
  readonly [Name in keyof typeof RULES]: (typeof RULES)[Name] extends Rule<infer Value>
    ? Limit<Value>
    : never;
};

interface Rule<Value> {
  readonly defaults: Limit<Value>;
  readonly takes: string;
  /** Parses a value; returns `undefined` if it is invalid. */
  readonly accept: (value: unknown) => Value | undefined;
  /** Whether values below the threshold are bad, instead of values above it. */
  readonly isBelow: boolean;
}

const AMOUNT = 'a number, more than 0';

/** The rules of all thresholds. */
const RULES = {
  ready: {
    defaults: { degraded: { share: 1 }, down: 1 },
    takes: "a whole number of workers, or a share such as '50%'",
    accept: value => (typeof value === 'string' ? shareOf(value) : wholeNumber(value)),
    isBelow: true,
  } satisfies Rule<Part> as Rule<Part>,
  restarts: rule(3, AMOUNT, amount),
  eventLoopDelay: rule(500, 'milliseconds, more than 0', amount),
  eventLoopUtilization: rule(0.98, 'a number above 0, up to 1', fraction),
  memory: rule<MemoryBound>(
    { share: 0.9 },
    "a number of bytes, a string such as '512mb', or a share such as '80%'",
    value => parseMemoryBound(value) || undefined,
  ),
  missedEvents: rule(1, AMOUNT, amount),
  busQueue: rule(0.8, 'a number above 0, up to 1', fraction),
  stateRoundTrip: rule(100, 'milliseconds, more than 0', amount),
};

const NAMES = Object.keys(RULES);

const DEFAULTS = mapRules(({ defaults }) => defaults);

/**
 * Resolves thresholds. Missing ones are taken from `others`.
 *
 * @throws ClusterConfigError with all unknown thresholds and invalid values
 * @internal
 */
export function resolveLimits(thresholds: HealthThresholds, others = DEFAULTS): Limits {
  const problems = new ConfigProblems();
  const limits = readLimits(thresholds, others, problems);
  problems.throwAny();
  return limits;
}

/** Adds invalid thresholds to the problems. @internal */
export function checkThresholds(thresholds: HealthThresholds, problems: ConfigProblems): void {
  readLimits(thresholds, DEFAULTS, problems);
}

function readLimits(
  thresholds: HealthThresholds,
  others: Limits,
  problems: ConfigProblems,
): Limits {
  if (!isRecord(thresholds)) {
    const expected = `an object with any of ${NAMES.join(', ')}`;
    problems.add('thresholds', wrongValue('thresholds', thresholds, expected));
    return others;
  }
  const known = NAMES.map(name => `thresholds.${name}`);
  for (const [name, value] of Object.entries(thresholds)) {
    if (!Object.hasOwn(RULES, name)) {
      const path = `thresholds.${name}`;
      problems.add(path, unknownOption(path, value, known));
    }
  }
  return mapRules((each, name) => {
    const threshold = thresholds[name];
    return threshold === undefined
      ? others[name]
      : limitOf(each, name, threshold, others[name], problems);
  });
}

function mapRules(map: (each: Rule<unknown>, name: keyof Limits) => Limit<unknown>): Limits {
  return Object.fromEntries(
    Object.entries(RULES).map(([name, each]) => [name, map(each, name as keyof Limits)]),
  ) as unknown as Limits;
}

function limitOf(
  { accept, takes, isBelow }: Rule<unknown>,
  name: string,
  threshold: unknown,
  other: Limit<unknown>,
  problems: ConfigProblems,
): Limit<unknown> {
  const { degraded, down, ...unknown } = isRecord(threshold)
    ? threshold
    : // A plain value sets `degraded` and leaves `down` unchanged.
      { degraded: threshold };
  const limit = { degraded: accept(degraded), down: accept(down) };
  const isWrong =
    (degraded !== undefined && limit.degraded === undefined) ||
    (down !== undefined && limit.down === undefined) ||
    Object.keys(unknown).length > 0;
  if (isWrong || (isRecord(threshold) && isWorse(limit.degraded, limit.down, isBelow))) {
    const path = `thresholds.${name}`;
    const expected = `${takes}, or { degraded, down } with such values, where down is the worse one`;
    problems.add(path, wrongValue(path, threshold, expected));
  }
  return isRecord(threshold) ? limit : { degraded: limit.degraded, down: other.down };
}

/** Compares values of the same type only. */
function isWorse(one: unknown, other: unknown, isBelow: boolean): boolean {
  const [first, second] = [amountOf(one), amountOf(other)];
  return (
    typeof one === typeof other &&
    first !== undefined &&
    second !== undefined &&
    (isBelow ? first < second : first > second)
  );
}

function amountOf(value: unknown): number | undefined {
  return isRecord(value) ? Number(value['share']) : amount(value);
}

function rule<Value>(
  degraded: Value,
  takes: string,
  accept: (value: unknown) => Value | undefined,
): Rule<Value> {
  return { defaults: { degraded, down: undefined }, takes, accept, isBelow: false };
}

function amount(value: unknown): number | undefined {
  return Number.isFinite(value) && (value as number) > 0 ? (value as number) : undefined;
}

function wholeNumber(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? amount(value) : undefined;
}

function fraction(value: unknown): number | undefined {
  const number = amount(value);
  return number !== undefined && number <= 1 ? number : undefined;
}

function shareOf(text: string): Part | undefined {
  const share = parseShare(text);
  return share === undefined ? undefined : { share };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
