import { WORKERS_VARIABLE } from '../config/option-rules.js';
import { HOST_VARIABLE } from '../model/internal-variables.js';
import { identityOf, isRunning, type ProcessIdentity } from '../system/process/process-identity.js';

/** The host that a process belongs to. @internal */
export interface HostMark {
  readonly primary: ProcessIdentity;
  /** `CLUSTER_WORKERS` as the host was started with; empty if it was not set. */
  readonly workers: string;
}

/** `pid:start time:CLUSTER_WORKERS` */
const FORMAT = /^(\d{1,10}):(\d*):(.*)$/s;

/** Makes this process the primary of a host, for whatever is started from here on. @internal */
export function markHost(env: NodeJS.ProcessEnv, pid: number = process.pid): void {
  const { startedAt = '' } = identityOf(pid);
  env[HOST_VARIABLE] = `${pid}:${startedAt}:${workersText(env)}`;
}

/**
 * The host that started this process, or one of its ancestors. A host that has ended has no descendants: what it
 * has left behind, such as a daemon, starts applications on its own account.
 *
 * @internal
 */
export function hostAbove(
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

/** `CLUSTER_WORKERS`, as it is written. @internal */
export function workersText(env: NodeJS.ProcessEnv): string {
  return env[WORKERS_VARIABLE]?.trim() ?? '';
}
