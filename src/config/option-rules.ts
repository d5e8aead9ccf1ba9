import {
  CLUSTER_EVENT_TYPES,
  type ClusterEventCallbacks,
} from '../model/events/cluster-event.interface.js';
import type { ContextMode, Scheduling } from './cluster-options.interface.js';
import { kindOf } from '../validation/describe-received.js';
import { unknownOption, wrongDescribed } from '../validation/config-problem.js';
import { redisFaults } from '../redis/options/redis-faults.js';
import type { RedisTarget } from '../redis/options/redis-target.js';
import type { OptionRule } from './option-rule.js';
import type { OptionFault } from '../validation/option-fault.interface.js';
import { type MemoryBound, parseMemoryBound } from './memory-bound.js';
import { MAX_WORKERS } from '../model/max-workers.js';
import { parseBytes } from '../system/limits/parse-bytes.js';

/** The maximum delay of Node's timers in ms. */
const MAX_DELAY = 2 ** 31 - 1;

const MEBIBYTE = 1024 * 1024;

/** The maximum number of spares. Each takes as much memory as a worker. */
const MAX_SPARES = 16;

/** The environment variable that is also read outside of the rules. @internal */
export const WORKERS_VARIABLE = 'CLUSTER_WORKERS';

/** Whether the text is valid as the prefix of keys and channels. @internal */
export function isNamespace(text: string): boolean {
  return /^[\w.:-]{1,64}$/.test(text);
}

/** The rules of all options. An option that is not in this table is unknown. @internal */
export const OPTION_RULES = {
  workers: {
    env: WORKERS_VARIABLE,
    defaultValue: 'auto',
    prevails: 0,
    takes: `'auto' or a whole number from 0 to ${MAX_WORKERS}`,
    accept: value => (value === 'auto' || isWhole(value, 0, MAX_WORKERS) ? value : undefined),
  } satisfies OptionRule<number | 'auto'> as OptionRule<number | 'auto'>,
  contexts: oneOf<ContextMode>('CLUSTER_CONTEXTS', ['single', 'cluster']),
  scheduling: oneOf<Scheduling>('CLUSTER_SCHEDULING', ['round-robin', 'shared', 'reuse-port']),
  boot: {
    timeout: milliseconds('CLUSTER_BOOT_TIMEOUT', 60_000, 1),
  },
  restart: {
    initialDelay: milliseconds('CLUSTER_RESTART_INITIAL_DELAY', 100, 0),
    maxDelay: milliseconds('CLUSTER_RESTART_MAX_DELAY', 30_000, 0),
    giveUpAfter: wholeNumber('CLUSTER_RESTART_GIVE_UP_AFTER', 5, 1, 1000),
    redeliver: trueOrFalse('CLUSTER_RESTART_REDELIVER', true),
  },
  reload: {
    maxSurge: wholeNumber('CLUSTER_RELOAD_MAX_SURGE', 1, 1, MAX_WORKERS),
    soak: milliseconds('CLUSTER_RELOAD_SOAK', 0, 0),
  },
  heartbeat: {
    interval: milliseconds('CLUSTER_HEARTBEAT_INTERVAL', 1_000, 0),
    timeout: milliseconds('CLUSTER_HEARTBEAT_TIMEOUT', 30_000, 1),
  },
  recycle: {
    maxMemory: {
      env: 'CLUSTER_RECYCLE_MAX_MEMORY',
      defaultValue: 0,
      takes: "a number of bytes, a string such as '512mb', or a share such as '80%'",
      accept: parseMemoryBound,
    } satisfies OptionRule<MemoryBound> as OptionRule<MemoryBound>,
    maxRequests: wholeNumber('CLUSTER_RECYCLE_MAX_REQUESTS', 0, 0, Number.MAX_SAFE_INTEGER),
    maxAge: milliseconds('CLUSTER_RECYCLE_MAX_AGE', 0, 0),
    jitter: {
      env: 'CLUSTER_RECYCLE_JITTER',
      defaultValue: 0.1,
      takes: 'a number from 0 to 1',
      accept: value => (typeof value === 'number' && value >= 0 && value <= 1 ? value : undefined),
    } satisfies OptionRule<number> as OptionRule<number>,
  },
  overload: {
    maxDelay: milliseconds('CLUSTER_OVERLOAD_MAX_DELAY', 0, 0),
  },
  spare: wholeNumber('CLUSTER_SPARE', 0, 0, MAX_SPARES),
  shutdown: {
    timeout: milliseconds('CLUSTER_SHUTDOWN_TIMEOUT', 25_000, 1),
    readinessDelay: milliseconds('CLUSTER_SHUTDOWN_READINESS_DELAY', 0, 0),
    webSocketWindow: milliseconds('CLUSTER_SHUTDOWN_WEB_SOCKET_WINDOW', 1_000, 0),
  },
  redis: {
    env: 'CLUSTER_REDIS_URL',
    isText: true,
    defaultValue: null,
    takes:
      'a URL (redis://, rediss://), ioredis options with host, port, path, sentinels or cluster, or an ioredis client',
    // `null` is the default, and may be given explicitly.
    accept: value =>
      value === null || redisFaults(value).length === 0 ? (value as RedisTarget | null) : undefined,
    faultsOf: redisFaults,
  } satisfies OptionRule<RedisTarget | null> as OptionRule<RedisTarget | null>,
  namespace: {
    env: 'CLUSTER_NAMESPACE',
    isText: true,
    // Replaced by the name of the application; see application-name.ts.
    defaultValue: '',
    takes: 'a string of 1 to 64 letters, digits and . _ - :',
    accept: value => (typeof value === 'string' && isNamespace(value) ? value : undefined),
  } satisfies OptionRule<string> as OptionRule<string>,
  state: {
    timeout: milliseconds('CLUSTER_STATE_TIMEOUT', 2_000, 10),
    replicas: wholeNumber('CLUSTER_STATE_REPLICAS', 0, 0, 100),
    maxValueBytes: bytes('CLUSTER_STATE_MAX_VALUE_BYTES', '1mb', 64 * MEBIBYTE),
    maxMemory: {
      env: 'CLUSTER_STATE_MAX_MEMORY',
      defaultValue: { share: 0.5 },
      takes: `a number of bytes, at least ${MEBIBYTE}, a string such as '512mb', or a share of V8's heap limit such as '50%'`,
      accept: value => {
        const bound = parseMemoryBound(value);
        return typeof bound === 'number' && bound < MEBIBYTE ? undefined : bound;
      },
    } satisfies OptionRule<MemoryBound> as OptionRule<MemoryBound>,
  },
  bus: {
    timeout: milliseconds('CLUSTER_BUS_TIMEOUT', 2_000, 10),
    askTimeout: milliseconds('CLUSTER_BUS_ASK_TIMEOUT', 5_000, 1),
    maxPayloadBytes: bytes('CLUSTER_BUS_MAX_PAYLOAD_BYTES', '1mb', 64 * MEBIBYTE),
    maxQueueBytes: bytes('CLUSTER_BUS_MAX_QUEUE_BYTES', '16mb', 4096 * MEBIBYTE),
  },
  events: {
    defaultValue: {},
    takes: `functions under the names ${CLUSTER_EVENT_TYPES.join(', ')}`,
    accept: value => (callbackFaults(value).length === 0 ? (value as object) : undefined),
    faultsOf: callbackFaults,
  } satisfies OptionRule<ClusterEventCallbacks> as OptionRule<ClusterEventCallbacks>,
};

function milliseconds(env: string, defaultValue: number, min: number): OptionRule<number> {
  return {
    env,
    defaultValue,
    takes: `a whole number of milliseconds from ${min} to ${MAX_DELAY}`,
    accept: value => (isWhole(value, min, MAX_DELAY) ? value : undefined),
  };
}

/**
 * @param defaultText the default, in the form in which users write it
 */
function bytes(env: string, defaultText: string, max: number): OptionRule<number> {
  const accept = (value: unknown): number | undefined => {
    const size = typeof value === 'string' ? parseBytes(value) : value;
    return isWhole(size, 1, max) ? size : undefined;
  };
  return {
    env,
    defaultValue: accept(defaultText)!,
    takes: `a whole number of bytes from 1 to ${max}, or a string such as '${defaultText}'`,
    accept,
  };
}

function wholeNumber(env: string, defaultValue: number, min: number, max: number) {
  const rule: OptionRule<number> = {
    env,
    defaultValue,
    takes: `a whole number from ${min} to ${max}`,
    accept: value => (isWhole(value, min, max) ? value : undefined),
  };
  return rule;
}

function trueOrFalse(env: string, defaultValue: boolean): OptionRule<boolean> {
  const values: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
    [true, true],
    [false, false],
    ['true', true],
    ['false', false],
  ]);
  return { env, defaultValue, takes: 'true or false', accept: value => values.get(value) };
}

function oneOf<T extends string>(env: string, values: readonly [T, ...T[]]): OptionRule<T> {
  return {
    env,
    defaultValue: values[0],
    takes: `one of ${values.map(value => `'${value}'`).join(', ')}`,
    accept: value => values.find(candidate => candidate === value),
  };
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

function callbackFaults(value: unknown): readonly OptionFault[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const expected = `functions under the names ${CLUSTER_EVENT_TYPES.join(', ')}`;
    return [{ expected, received: kindOf(value) }];
  }
  return Object.entries(value).flatMap(([type, callback]: [string, unknown]): OptionFault[] => {
    const path = `.${type}`;
    if (!(CLUSTER_EVENT_TYPES as readonly string[]).includes(type)) {
      const known = CLUSTER_EVENT_TYPES.map(each => `events.${each}`);
      return [{ path, ...unknownOption(`events.${type}`, callback, known) }];
    }
    const expected = 'a function';
    return callback === undefined || typeof callback === 'function'
      ? []
      : [{ path, ...wrongDescribed(`events.${type}`, kindOf(callback), expected) }];
  });
}
