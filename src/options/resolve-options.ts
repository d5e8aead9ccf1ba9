import { availableParallelism } from 'node:os';
import { ClusterConfigError } from '../errors/cluster-config.error.js';
import type { ClusterModuleOptions } from './cluster-options.interface.js';
import { readCpuQuota } from './cpu-quota.js';
import { OPTION_RULES } from './option-rules.js';
import { type OptionRule, readOption } from './option-rule.js';
import { assertReusePort } from './reuse-port-support.js';
import { autoWorkerCount } from './worker-count.js';

type Resolved<Table> = {
  readonly [Name in keyof Table]: Table[Name] extends OptionRule<infer T>
    ? T
    : Resolved<Table[Name]>;
};

/** The options with nothing left open. @internal */
export type ResolvedClusterOptions = Omit<Resolved<typeof OPTION_RULES>, 'workers'> & {
  /** How many workers; `'auto'` has been counted. */
  readonly workers: number;
};

/** Injection token of the {@link ResolvedClusterOptions}. @internal */
export const CLUSTER_OPTIONS = Symbol('CLUSTER_OPTIONS');

/**
 * The one place where options are put together and checked.
 *
 * @throws ClusterConfigError for an unknown option or a value it does not take
 * @internal
 */
export function resolveOptions(
  options: ClusterModuleOptions,
  env: NodeJS.ProcessEnv = process.env,
): ResolvedClusterOptions {
  const resolved = resolveGroup(OPTION_RULES, options, env, '') as Resolved<typeof OPTION_RULES>;
  if (resolved.shutdown.readinessDelay >= resolved.shutdown.timeout) {
    throw new ClusterConfigError(
      'shutdown.readinessDelay',
      resolved.shutdown.readinessDelay,
      `less than shutdown.timeout, which is ${resolved.shutdown.timeout} and includes it`,
    );
  }
  assertHeartbeats(resolved);
  if (resolved.scheduling === 'reuse-port') {
    assertReusePort(process.versions.node, process.platform);
    if (resolved.overload.maxDelay > 0) {
      throw new ClusterConfigError(
        'overload.maxDelay',
        resolved.overload.maxDelay,
        "0 with scheduling 'reuse-port': a socket that closes loses the connections in its queue",
      );
    }
  }
  return {
    ...resolved,
    workers:
      resolved.workers === 'auto'
        ? autoWorkerCount(availableParallelism(), readCpuQuota())
        : resolved.workers,
  };
}

function assertHeartbeats({ heartbeat, recycle }: Resolved<typeof OPTION_RULES>): void {
  const { interval, timeout } = heartbeat;
  if (timeout < 2 * interval) {
    throw new ClusterConfigError(
      'heartbeat.timeout',
      timeout,
      `at least twice heartbeat.interval, which is ${interval}`,
    );
  }
  if (interval === 0 && (recycle.maxMemory || recycle.maxRequests || recycle.maxAge)) {
    throw new ClusterConfigError(
      'heartbeat.interval',
      interval,
      'more than 0 with any of the limits of recycle: heartbeats tell how a worker is doing',
    );
  }
}

/** `workers` alone, for those who must know before the other options are there. @internal */
export function readWorkersOption(
  options: ClusterModuleOptions,
  env: NodeJS.ProcessEnv,
): number | 'auto' {
  return readOption(OPTION_RULES.workers, 'workers', options.workers, env);
}

type Rules = { readonly [name: string]: OptionRule<unknown> | Rules };

function resolveGroup(
  rules: Rules,
  options: unknown,
  env: NodeJS.ProcessEnv,
  prefix: string,
): Record<string, unknown> {
  const given = asRecord(options, rules, prefix);
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(rules, name)) {
      throw ClusterConfigError.unknown(prefix + name, given[name], Object.keys(rules));
    }
  }
  return Object.fromEntries(
    Object.entries(rules).map(([name, rule]) => [
      name,
      isRule(rule)
        ? readOption(rule, prefix + name, given[name], env)
        : resolveGroup(rule, given[name] ?? {}, env, `${prefix}${name}.`),
    ]),
  );
}

function asRecord(options: unknown, rules: Rules, prefix: string): Record<string, unknown> {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ClusterConfigError(
      prefix ? prefix.slice(0, -1) : "ClusterModule's options",
      options,
      `an object with any of ${Object.keys(rules).join(', ')}`,
    );
  }
  return options as Record<string, unknown>;
}

function isRule(rule: OptionRule<unknown> | Rules): rule is OptionRule<unknown> {
  return typeof rule['accept'] === 'function';
}
