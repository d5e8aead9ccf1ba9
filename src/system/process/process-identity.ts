import { readFileSync } from 'node:fs';

/** Identifies a process even after its pid has been reused. @internal */
export interface ProcessIdentity {
  readonly pid: number;
  /** The start time, in the clock ticks of the system since its boot; `undefined` without /proc. */
  readonly startedAt: string | undefined;
}

/** @internal */
export function identityOf(pid: number): ProcessIdentity {
  return { pid, startedAt: readStat(pid)?.startedAt };
}

/** Whether this process is still running. A zombie is not. @internal */
export function isRunning({ pid, startedAt }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') {
      return false;
    }
  }
  const stat = readStat(pid);
  if (stat === undefined) {
    // A system without /proc, or a process that has just ended.
    return startedAt === undefined;
  }
  return !stat.hasEnded && (startedAt === undefined || stat.startedAt === startedAt);
}

/**
 * Reads /proc/<pid>/stat, see proc_pid_stat(5). The fields follow the name, which is in parentheses and may contain
 * anything.
 */
function readStat(pid: number): { startedAt: string; hasEnded: boolean } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // The state is field 3, the start time is field 22.
    const [state, startedAt] = [fields[0], fields[19]];
    return startedAt === undefined
      ? undefined
      : { startedAt, hasEnded: state === 'Z' || state === 'X' };
  } catch {
    return undefined;
  }
}
