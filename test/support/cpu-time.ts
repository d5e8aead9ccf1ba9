import { readFileSync } from 'node:fs';

/** Whether the system tells the CPU time exactly enough: macOS has no such files. */
export const tellsCpuTime = process.platform === 'linux';

/** Milliseconds of one clock tick; see `sysconf(3)`. It is 10 on all architectures of Node. */
const TICK = 10;

/** Returns the milliseconds of CPU time that a process has used; see proc_pid_stat(5). */
export function cpuTime(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in parentheses, may contain spaces. Fields 14 and 15 are the user and the system time.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return TICK * (Number(fields[11]) + Number(fields[12]));
}
