import { wrongValue } from '../validation/config-problem.js';
import type { Problems } from '../validation/problems.js';
import { reusePortProblem } from './reuse-port-support.js';

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
}

/**
 * Validates combinations of options. A combination with an option that is already invalid is not checked.
 *
 * @param nameOf returns the name of an option as the user wrote it
 * @internal
 */
export function checkTogether(
  { shutdown, heartbeat, recycle, scheduling, overload }: CombinedOptions,
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
