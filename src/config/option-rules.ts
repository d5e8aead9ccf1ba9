import { isAbsolute } from 'node:path';
import type { LoggerService } from '@nestjs/common';
import {
  CLUSTER_EVENT_TYPES,
  type ClusterEventCallbacks,
} from '../model/events/cluster-event.interface.js';
import { MAX_WORKERS } from '../model/max-workers.js';
import { redisFaults } from '../redis/options/redis-faults.js';
import type { RedisTarget } from '../redis/options/redis-target.js';
import { fieldsOf } from '../validation/read-fields.js';
import type { Rule } from '../validation/rule.interface.js';
import { aFunction, bytes, milliseconds, oneOf, text, whole } from '../validation/rules.js';
import type { ContextMode, Scheduling } from './cluster-options.interface.js';
import { DOCTOR_CHECKS, type DoctorCheck } from './doctor-checks.js';
import { doctorRule } from './doctor-rule.js';
import { MEBIBYTE, type MemoryBound } from './memory-bound.js';
import { memoryRule } from './memory-rule.js';
import type { OptionRule } from './option-rule.js';

/** The maximum delay of Node's timers in ms. */
const MAX_DELAY = 2 ** 31 - 1;

/** The maximum number of spares. Each takes as much memory as a worker. */
const MAX_SPARES = 16;

/** The environment variable that is also read outside of the rules. @internal */
export const WORKERS_VARIABLE = 'CLUSTER_WORKERS';

/** Whether the text is valid as the prefix of keys and channels. @internal */
export function isNamespace(value: string): boolean {
  return /^[\w.:-]{1,64}$/.test(value);
}

/** From the environment, these are strings. */
const trueOrFalse: Rule<boolean> = {
  expected: 'true or false',
  accept: value =>
    value === true || value === 'true'
      ? true
      : value === false || value === 'false'
        ? false
        : undefined,
};

const callbacks = Object.fromEntries(CLUSTER_EVENT_TYPES.map(type => [type, aFunction]));

/** The rules of all options. An option that is not in this table is unknown. @internal */
export const OPTION_RULES = {
  workers: {
    ...option<number | 'auto'>(WORKERS_VARIABLE, 'auto', {
      expected: `'auto' or ${whole(0, MAX_WORKERS).expected}`,
      accept: value => (value === 'auto' ? value : whole(0, MAX_WORKERS).accept(value)),
    }),
    prevails: 0,
  } as OptionRule<number | 'auto'>,
  contexts: option<ContextMode>('CLUSTER_CONTEXTS', 'single', oneOf('single', 'cluster')),
  lightPrimary: option('CLUSTER_LIGHT_PRIMARY', false, trueOrFalse),
  scheduling: option<Scheduling>(
    'CLUSTER_SCHEDULING',
    'round-robin',
    oneOf('round-robin', 'shared', 'reuse-port'),
  ),
  boot: {
    timeout: option('CLUSTER_BOOT_TIMEOUT', 60_000, delay(1)),
  },
  restart: {
    initialDelay: option('CLUSTER_RESTART_INITIAL_DELAY', 100, delay(0)),
    maxDelay: option('CLUSTER_RESTART_MAX_DELAY', 30_000, delay(0)),
    giveUpAfter: option('CLUSTER_RESTART_GIVE_UP_AFTER', 5, whole(1, 1000)),
    redeliver: option('CLUSTER_RESTART_REDELIVER', true, trueOrFalse),
  },
  reload: {
    maxSurge: option('CLUSTER_RELOAD_MAX_SURGE', 1, whole(1, MAX_WORKERS)),
    soak: option('CLUSTER_RELOAD_SOAK', 0, delay(0)),
  },
  heartbeat: {
    interval: option('CLUSTER_HEARTBEAT_INTERVAL', 1_000, delay(0)),
    timeout: option('CLUSTER_HEARTBEAT_TIMEOUT', 30_000, delay(1)),
  },
  recycle: {
    maxMemory: option<MemoryBound>(
      'CLUSTER_RECYCLE_MAX_MEMORY',
      0,
      memoryRule("a share such as '80%'", true),
    ),
    maxRequests: option('CLUSTER_RECYCLE_MAX_REQUESTS', 0, whole(0)),
    maxAge: option('CLUSTER_RECYCLE_MAX_AGE', 0, delay(0)),
    jitter: option<number>('CLUSTER_RECYCLE_JITTER', 0.1, {
      expected: 'a number from 0 to 1',
      accept: value => (typeof value === 'number' && value >= 0 && value <= 1 ? value : undefined),
    }),
  },
  overload: {
    maxDelay: option('CLUSTER_OVERLOAD_MAX_DELAY', 0, delay(0)),
  },
  spare: option('CLUSTER_SPARE', 0, whole(0, MAX_SPARES)),
  shutdown: {
    timeout: option('CLUSTER_SHUTDOWN_TIMEOUT', 25_000, delay(1)),
    readinessDelay: option('CLUSTER_SHUTDOWN_READINESS_DELAY', 0, delay(0)),
    webSocketWindow: option('CLUSTER_SHUTDOWN_WEB_SOCKET_WINDOW', 1_000, delay(0)),
  },
  redis: {
    ...option<RedisTarget | null>('CLUSTER_REDIS_URL', null, {
      expected:
        'a URL (redis://, rediss://), ioredis options with host, port, path, sentinels or cluster, or an ioredis client',
      // `null` is the default, and may be given explicitly.
      accept: value =>
        value === null || redisFaults(value).length === 0
          ? (value as RedisTarget | null)
          : undefined,
      faultsOf: redisFaults,
    }),
    isText: true,
  } as OptionRule<RedisTarget | null>,
  namespace: {
    // The default is replaced by the name of the application; see application-name.ts.
    ...option(
      'CLUSTER_NAMESPACE',
      '',
      text('a string of 1 to 64 letters, digits and . _ - :', isNamespace),
    ),
    isText: true,
  } as OptionRule<string>,
  release: {
    // The default stands for the name that release.ts makes, when it is needed.
    ...option(
      'CLUSTER_RELEASE',
      '',
      text('a string of 1 to 100 characters', value => value.length > 0 && value.length <= 100),
    ),
    isText: true,
  } as OptionRule<string>,
  state: {
    timeout: option('CLUSTER_STATE_TIMEOUT', 2_000, delay(10)),
    replicas: option('CLUSTER_STATE_REPLICAS', 0, whole(0, 100)),
    maxValueBytes: option('CLUSTER_STATE_MAX_VALUE_BYTES', MEBIBYTE, bytes('1mb', 64 * MEBIBYTE)),
    maxMemory: option<MemoryBound>(
      'CLUSTER_STATE_MAX_MEMORY',
      { share: 0.5 },
      memoryRule("a share of V8's heap limit such as '50%'", false),
    ),
  },
  bus: {
    timeout: option('CLUSTER_BUS_TIMEOUT', 2_000, delay(10)),
    askTimeout: option('CLUSTER_BUS_ASK_TIMEOUT', 5_000, delay(1)),
    maxPayloadBytes: option('CLUSTER_BUS_MAX_PAYLOAD_BYTES', MEBIBYTE, bytes('1mb', 64 * MEBIBYTE)),
    maxQueueBytes: option(
      'CLUSTER_BUS_MAX_QUEUE_BYTES',
      16 * MEBIBYTE,
      bytes('16mb', 4096 * MEBIBYTE),
    ),
  },
  logger: {
    ...option<LoggerService | 'json' | null>('CLUSTER_LOGGER', null, {
      expected: "'json', or a logger with the methods log, error and warn",
      // `null` is the default, and may be given explicitly.
      accept: value => (value === null || value === 'json' || isLogger(value) ? value : undefined),
    }),
    isText: true,
  } as OptionRule<LoggerService | 'json' | null>,
  doctor: option<readonly DoctorCheck[]>('CLUSTER_DOCTOR', DOCTOR_CHECKS, doctorRule),
  control: {
    ...option<boolean | string>('CLUSTER_CONTROL', true, {
      expected: 'true, false, or the absolute path of a directory',
      accept: value =>
        trueOrFalse.accept(value) ??
        (typeof value === 'string' && isAbsolute(value) ? value : undefined),
    }),
    isText: true,
  } as OptionRule<boolean | string>,
  events: {
    ...(fieldsOf(callbacks) as Rule<ClusterEventCallbacks>),
    defaultValue: {},
  } as OptionRule<ClusterEventCallbacks>,
};

function option<T>(env: string, defaultValue: T, rule: Rule<T>): OptionRule<T> {
  return { ...rule, env, defaultValue };
}

function isLogger(value: unknown): value is LoggerService {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const methods = value as Record<string, unknown>;
  return ['log', 'error', 'warn'].every(level => typeof methods[level] === 'function');
}

function delay(min: number): Rule<number> {
  return milliseconds(min, MAX_DELAY);
}
