import { readFileSync } from 'node:fs';

/** One process, and not another one that has got the same pid later. @internal */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it was started, in the clock ticks of the system since its boot; `undefined` where there is no /proc. */
  readonly startedAt: string | undefined;
}

/** @internal */
export function identityOf(pid: number): ProcessIdentity {
  return { pid, startedAt: readStat(pid)?.startedAt };
}

/** Whether this very process still runs. One that has ended and has not been waited for does not. @internal */
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
    // A system without /proc, or a process that has just gone.
    return startedAt === undefined;
  }
  return !stat.hasEnded && (startedAt === undefined || stat.startedAt === startedAt);
}

/** proc_pid_stat(5): the fields follow the name, which stands in parentheses and may contain anything. */
function readStat(pid: number): { startedAt: string; hasEnded: boolean } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // The state is the third field of all, the start time the twenty-second.
    const [state, startedAt] = [fields[0], fields[19]];
    return startedAt === undefined
      ? undefined
      : { startedAt, hasEnded: state === 'Z' || state === 'X' };
  } catch {
    return undefined;
  }
}
