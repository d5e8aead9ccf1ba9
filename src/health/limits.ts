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
}

const AMOUNT = 'a number, more than 0';

/** Every threshold there is. */
const RULES = {
  ready: rule<Part>({ share: 1 }, 1, "a number of workers, or a share such as '50%'", value =>
    typeof value === 'string' ? shareOf(value) : amount(value),
  ),
  restarts: rule(3, undefined, AMOUNT, amount),
  eventLoopDelay: rule(500, undefined, 'milliseconds, more than 0', amount),
  eventLoopUtilization: rule(0.98, undefined, 'a number above 0, up to 1', fraction),
  memory: rule<MemoryBound>(
    { share: 0.9 },
    undefined,
    "a number of bytes, a text such as '512mb', or a share such as '80%'",
    value => parseMemoryBound(value) || undefined,
  ),
  missedEvents: rule(1, undefined, AMOUNT, amount),
  busQueue: rule(0.8, undefined, 'a number above 0, up to 1', fraction),
  stateRoundTrip: rule(100, undefined, 'milliseconds, more than 0', amount),
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
    return threshold === undefined ? others[name] : limitOf(each, name, threshold);
  });
}

function mapRules(map: (each: Rule<unknown>, name: keyof Limits) => Limit<unknown>): Limits {
  return Object.fromEntries(
    Object.entries(RULES).map(([name, each]) => [name, map(each, name as keyof Limits)]),
  ) as unknown as Limits;
}

function limitOf(
  { accept, takes }: Rule<unknown>,
  name: string,
  threshold: unknown,
): Limit<unknown> {
  const given = isRecord(threshold) ? threshold : { degraded: threshold };
  const limit = { degraded: undefined as unknown, down: undefined as unknown };
  for (const [part, value] of Object.entries(given)) {
    const accepted = value === undefined ? undefined : accept(value);
    const isKnown = part === 'degraded' || part === 'down';
    if (!isKnown || (value !== undefined && accepted === undefined)) {
      const expected = `${takes}, or { degraded, down } with such values`;
      throw new ClusterConfigError(`thresholds.${name}`, threshold, expected);
    }
    limit[part] = accepted;
  }
  return limit;
}

function rule<Value>(
  degraded: Value,
  down: Value | undefined,
  takes: string,
  accept: (value: unknown) => Value | undefined,
): Rule<Value> {
  return { defaults: { degraded, down }, takes, accept };
}

function amount(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
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
