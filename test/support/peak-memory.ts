import { readFileSync, writeFileSync } from 'node:fs';

/** Whether the system reports the peak: macOS has no such files. */
export const tellsPeakMemory = process.platform === 'linux';

/** The maximum memory of a process since the start, minus the memory at the start, in bytes; see proc(5). */
export class PeakMemory {
  readonly #before: number;

  constructor(private readonly pid: number) {
    // Resets the peak.
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
