import { wrongValue } from '../validation/config-problem.js';
import type { Problems } from '../validation/problems.js';
import { MEBIBYTE } from './memory-bound.js';
import { reusePortProblem } from './reuse-port-support.js';

/**
 * The maximum length of one value or payload with Redis: one read returns at most 14 MiB (see `result-limit.lua`), and
 * events are stored with their sender.
 *
 * @internal
 */
export const MAX_BYTES_IN_REDIS = 13 * MEBIBYTE;

/** The options of which some values do not fit together. @internal */
export interface CombinedOptions {
  readonly shutdown: { readonly readinessDelay: number; readonly timeout: number };
  readonly heartbeat: { readonly interval: number; readonly timeout: number };
  readonly recycle: {
    readonly maxMemory: unknown;
    readonly maxRequests: number;
    readonly maxAge: number;
  };
  readonly scheduling: unknown;
  readonly overload: { readonly maxDelay: number };
  readonly redis: unknown;
  readonly state: { readonly maxValueBytes: number };
  readonly bus: { readonly maxPayloadBytes: number };
}

/**
 * Validates combinations of options. A combination with an option that is already invalid is not checked.
 *
 * @param nameOf returns the name of an option as the user wrote it
 * @internal
 */
export function checkTogether(
  { shutdown, heartbeat, recycle, scheduling, overload, redis, state, bus }: CombinedOptions,
  nameOf: (path: string) => string,
  problems: Problems,
): void {
  const check = (
    path: string,
    others: readonly string[],
    isWrong: boolean,
    value: unknown,
    expected: string,
  ): void => {
    if (isWrong && !problems.has(path, ...others)) {
      problems.add(path, wrongValue(nameOf(path), value, expected));
    }
  };
  check(
    'shutdown.readinessDelay',
    ['shutdown.timeout'],
    shutdown.readinessDelay >= shutdown.timeout,
    shutdown.readinessDelay,
    `less than ${nameOf('shutdown.timeout')} (${shutdown.timeout}), which includes it`,
  );
  check(
    'heartbeat.timeout',
    ['heartbeat.interval'],
    heartbeat.timeout < 2 * heartbeat.interval,
    heartbeat.timeout,
    `at least twice ${nameOf('heartbeat.interval')} (${heartbeat.interval})`,
  );
  check(
    'heartbeat.interval',
    [],
    heartbeat.interval === 0 && Boolean(recycle.maxMemory || recycle.maxRequests || recycle.maxAge),
    heartbeat.interval,
    'more than 0 if recycle has a limit, because limits are checked at each heartbeat',
  );
  const readable = [
    ['state.maxValueBytes', state.maxValueBytes],
    ['bus.maxPayloadBytes', bus.maxPayloadBytes],
  ] as const;
  for (const [path, bytes] of readable) {
    check(
      path,
      [],
      redis !== null && bytes > MAX_BYTES_IN_REDIS,
      bytes,
      `at most ${MAX_BYTES_IN_REDIS} (13 MiB) with ${nameOf('redis')}, because one read from Redis returns at most 14 MiB`,
    );
  }
  if (scheduling === 'reuse-port') {
    const problem = reusePortProblem(process.versions.node, process.platform, nameOf('scheduling'));
    if (problem) {
      problems.add('scheduling', problem);
    }
    check(
      'overload.maxDelay',
      [],
      overload.maxDelay > 0,
      overload.maxDelay,
      `0 with ${nameOf('scheduling')} 'reuse-port', where closing a socket loses the connections in its queue`,
    );
  }
}
