import { readFileSync } from 'node:fs';
import { isOutOfDescriptors } from './out-of-descriptors.js';

/** Identifies a process even after its pid has been reused. @internal */
export interface ProcessIdentity {
  readonly pid: number;
  /** The start time, in the clock ticks of the system since its boot; `undefined` without /proc. */
  readonly startedAt: string | undefined;
}

/** @internal */
export function identityOf(pid: number): ProcessIdentity {
  const stat = readStat(pid, readFileSync);
  return { pid, startedAt: typeof stat === 'object' ? stat.startedAt : undefined };
}

/**
 * Whether this process is still running. A zombie is not. Without a free file descriptor, only its pid is checked.
 *
 * @internal
 */
export function isRunning(
  { pid, startedAt }: ProcessIdentity,
  read: ReadText = readFileSync,
): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') {
      return false;
    }
  }
  const stat = readStat(pid, read);
  if (stat === 'unknown') {
    return true;
  }
  if (stat === undefined) {
    // A system without /proc, or a process that has just ended.
    return startedAt === undefined;
  }
  return !stat.hasEnded && (startedAt === undefined || stat.startedAt === startedAt);
}

interface ProcessStat {
  readonly startedAt: string;
  readonly hasEnded: boolean;
}

type ReadText = (path: string, encoding: 'utf8') => string;

/**
 * Reads /proc/<pid>/stat, see proc_pid_stat(5). The fields follow the name, which is in parentheses and may contain
 * anything.
 *
 * @returns `undefined` if there is no such file; `'unknown'` if this process has no free file descriptor to read it
 */
function readStat(pid: number, read: ReadText): ProcessStat | 'unknown' | undefined {
  try {
    const stat = read(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // The state is field 3, the start time is field 22.
    const [state, startedAt] = [fields[0], fields[19]];
    return startedAt === undefined
      ? undefined
      : { startedAt, hasEnded: state === 'Z' || state === 'X' };
  } catch (error) {
    return isOutOfDescriptors(error) ? 'unknown' : undefined;
  }
}
