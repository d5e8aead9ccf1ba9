import { ClusterConfigError } from '../errors/cluster-config.error.js';
import { type MemoryBound, parseMemoryBound } from '../options/memory-bound.js';
import { parseShare } from '../options/memory-share.js';
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
    "a number of bytes, a text such as '512mb', or a share such as '80%'",
    value => parseMemoryBound(value) || undefined,
  ),
  missedEvents: rule(1, AMOUNT, amount),
  busQueue: rule(0.8, 'a number above 0, up to 1', fraction),
  stateRoundTrip: rule(100, 'milliseconds, more than 0', amount),
};

const NAMES = Object.keys(RULES).join(', ');

const DEFAULTS = mapRules(({ defaults }) => defaults);

/**
 * The thresholds, with those that are left out taken from others.
 *
 * @throws ClusterConfigError for a threshold that does not exist, or a value that it does not take
 * @internal
 */
export function resolveLimits(thresholds: HealthThresholds, others = DEFAULTS): Limits {
  if (!isRecord(thresholds)) {
    throw new ClusterConfigError('thresholds', thresholds, `an object with any of ${NAMES}`);
  }
  for (const [name, value] of Object.entries(thresholds)) {
    if (!Object.hasOwn(RULES, name)) {
      throw new ClusterConfigError(`thresholds.${name}`, value, `the name of one of ${NAMES}`);
    }
  }
  return mapRules((each, name) => {
    const threshold = thresholds[name];
    return threshold === undefined ? others[name] : limitOf(each, name, threshold, others[name]);
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
): Limit<unknown> {
  const wrong = (): ClusterConfigError =>
    new ClusterConfigError(
      `thresholds.${name}`,
      threshold,
      `${takes}, or { degraded, down } with such values, of which down is the worse`,
    );
  const read = (value: unknown): unknown => {
    const accepted = accept(value);
    if (value !== undefined && accepted === undefined) {
      throw wrong();
    }
    return accepted;
  };
  if (!isRecord(threshold)) {
    // A bare value is about what is degraded, and leaves alone what is down.
    return { degraded: read(threshold), down: other.down };
  }
  const { degraded, down, ...unknown } = threshold;
  const limit = { degraded: read(degraded), down: read(down) };
  if (isWorse(limit.degraded, limit.down, isBelow) || Object.keys(unknown).length > 0) {
    throw wrong();
  }
  return limit;
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
