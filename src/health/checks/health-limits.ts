import { type MemoryBound, parseMemoryBound } from '../../config/memory-bound.js';
import { ClusterConfigError } from '../../model/errors/cluster-config.error.js';
import { parseShare } from '../../system/limits/memory-share.js';
import { wrongValue } from '../../validation/config-problem.js';
import { isRecord } from '../../system/is-record.js';
import { Problems } from '../../validation/problems.js';
import { readFields } from '../../validation/read-fields.js';
import type { Rule } from '../../validation/rule.interface.js';
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
  readonly [Name in keyof typeof RULES]: (typeof RULES)[Name] extends ThresholdRule<infer Value>
    ? Limit<Value>
    : never;
};

/** What each of the two values must be. */
interface ThresholdRule<Value> extends Rule<Value> {
  readonly defaults: Limit<Value>;
  /** Whether values below the threshold are bad, instead of values above it. */
  readonly isBelow: boolean;
}

const AMOUNT = 'a number, more than 0';

/** The rules of all thresholds. */
const RULES = {
  ready: {
    defaults: { degraded: { share: 1 }, down: 1 },
    expected: "a whole number of workers, or a share such as '50%'",
    accept: value => (typeof value === 'string' ? shareOf(value) : wholeNumber(value)),
    isBelow: true,
  } as ThresholdRule<Part>,
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

const DEFAULTS = Object.fromEntries(
  Object.entries(RULES).map(([name, { defaults }]) => [name, defaults]),
) as unknown as Limits;

/**
 * Resolves thresholds. Missing ones are taken from `others`.
 *
 * @throws ClusterConfigError with all unknown thresholds and invalid values
 * @internal
 */
export function resolveLimits(thresholds: HealthThresholds, others = DEFAULTS): Limits {
  const problems = new Problems();
  const limits = readLimits(thresholds, others, problems);
  ClusterConfigError.throwAny(problems);
  return limits;
}

/** Returns the problems of the thresholds. @internal */
export function thresholdProblems(thresholds: unknown): Problems {
  const problems = new Problems();
  readLimits(thresholds, DEFAULTS, problems);
  return problems;
}

function readLimits(thresholds: unknown, others: Limits, problems: Problems): Limits {
  const naming = { whole: 'thresholds', prefix: 'thresholds.' };
  return readFields(RULES, thresholds, naming, problems, (each, path, value) => {
    const other = others[path.slice(naming.prefix.length) as keyof Limits];
    return value === undefined
      ? other
      : limitOf(each as ThresholdRule<unknown>, path, value, other, problems);
  }) as unknown as Limits;
}

function limitOf(
  { accept, expected, isBelow }: ThresholdRule<unknown>,
  path: string,
  threshold: unknown,
  other: Limit<unknown>,
  problems: Problems,
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
    const either = `${expected}, or { degraded, down } with such values, where down is the worse one`;
    problems.add(path, wrongValue(path, threshold, either));
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
  expected: string,
  accept: (value: unknown) => Value | undefined,
): ThresholdRule<Value> {
  return { defaults: { degraded, down: undefined }, expected, accept, isBelow: false };
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
