import { unknownOption, wrongValue } from '../../validation/config-problem.js';
import { type MemoryBound, parseMemoryBound } from '../../config/memory-bound.js';
import { parseShare } from '../../system/limits/memory-share.js';
import { ConfigProblems } from '../../config/option-rule.js';
import type { HealthThresholds } from './thresholds.interface.js';

/** A threshold with nothing left open: `undefined` for never. @internal */
export interface Limit<Value = number> {
  readonly degraded: Value | undefined;
  readonly down: Value | undefined;
}

/** So many, or a share of all. @internal */
export type Part = number | { readonly share: number };

/** The thresholds with nothing left open. @internal */
export type Limits = {
  readonly [Name in keyof typeof RULES]: (typeof RULES)[Name] extends Rule<infer Value>
    ? Limit<Value>
    : never;
};

interface Rule<Value> {
  readonly defaults: Limit<Value>;
  readonly takes: string;
  /** The value if it is one the threshold takes, else `undefined`. */
  readonly accept: (value: unknown) => Value | undefined;
  /** Whether it is about less, and not about more. */
  readonly isBelow: boolean;
}

const AMOUNT = 'a number, more than 0';

/** Every threshold there is. */
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
 * The thresholds, with those that are left out taken from others.
 *
 * @throws ClusterConfigError with all thresholds that do not exist, or have a value that they do not take
 * @internal
 */
export function resolveLimits(thresholds: HealthThresholds, others = DEFAULTS): Limits {
  const problems = new ConfigProblems();
  const limits = readLimits(thresholds, others, problems);
  problems.throwAny();
  return limits;
}

/** Adds to the problems what is wrong with the thresholds. @internal */
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
    : // A bare value is about what is degraded, and leaves alone what is down.
      { degraded: threshold };
  const limit = { degraded: accept(degraded), down: accept(down) };
  const isWrong =
    (degraded !== undefined && limit.degraded === undefined) ||
    (down !== undefined && limit.down === undefined) ||
    Object.keys(unknown).length > 0;
  if (isWrong || (isRecord(threshold) && isWorse(limit.degraded, limit.down, isBelow))) {
    const path = `thresholds.${name}`;
    const expected = `${takes}, or { degraded, down } with such values, of which down is the worse`;
    problems.add(path, wrongValue(path, threshold, expected));
  }
  return isRecord(threshold) ? limit : { degraded: limit.degraded, down: other.down };
}

/** Only what is of one kind can be compared. */
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
