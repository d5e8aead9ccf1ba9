import { readFileSync, writeFileSync } from 'node:fs';

/** Whether the system tells it at all: macOS has no such files. */
export const tellsPeakMemory = process.platform === 'linux';

/** How much more memory a process had at most than at the beginning, in bytes; see proc(5). */
export class PeakMemory {
  readonly #before: number;

  constructor(private readonly pid: number) {
    // The peak until now is no longer one.
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
    this.#before = statusOf(pid, 'VmRSS');
  }

  get growth(): number {
    return Math.max(0, statusOf(this.pid, 'VmHWM') - this.#before);
  }
}

function statusOf(pid: number, name: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return Number(kilobytes) * 1024;
}
