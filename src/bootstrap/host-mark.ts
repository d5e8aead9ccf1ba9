import { WORKERS_VARIABLE } from '../config/option-rules.js';
import { HOST_VARIABLE } from '../model/internal-variables.js';
import { identityOf, isRunning, type ProcessIdentity } from '../system/process/process-identity.js';

/** The host that a process belongs to. @internal */
export interface HostMark {
  readonly primary: ProcessIdentity;
  /** The value of `CLUSTER_WORKERS` with which the host was started; empty if it was not set. */
  readonly workers: string;
}

/** `pid:start time:CLUSTER_WORKERS` */
const FORMAT = /^(\d{1,10}):(\d*):(.*)$/s;

/**
 * Marks this process as the primary of a host for all processes that are started from now on.
 *
 * @returns a function that removes the mark
 * @internal
 */
export function markHost(env: NodeJS.ProcessEnv, pid: number = process.pid): () => void {
  const above = env[HOST_VARIABLE];
  const { startedAt = '' } = identityOf(pid);
  env[HOST_VARIABLE] = `${pid}:${startedAt}:${workersText(env)}`;
  return () => {
    if (above === undefined) {
      delete env[HOST_VARIABLE];
    } else {
      env[HOST_VARIABLE] = above;
    }
  };
}

/**
 * Returns the running host that started this process or one of its ancestors. A host that has ended does not count:
 * processes that it has left behind, such as a daemon, can start hosts of their own.
 *
 * @internal
 */
export function parentHost(
  env: NodeJS.ProcessEnv,
  self: number = process.pid,
  runs: (primary: ProcessIdentity) => boolean = isRunning,
): HostMark | undefined {
  const [, pid, startedAt, workers = ''] = FORMAT.exec(env[HOST_VARIABLE] ?? '') ?? [];
  if (pid === undefined || Number(pid) === self) {
    return undefined;
  }
  const primary = { pid: Number(pid), startedAt: startedAt || undefined };
  return runs(primary) ? { primary, workers } : undefined;
}

/** Returns the text of `CLUSTER_WORKERS`. @internal */
export function workersText(env: NodeJS.ProcessEnv): string {
  return env[WORKERS_VARIABLE]?.trim() ?? '';
}
