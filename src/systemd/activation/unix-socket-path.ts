import { readFileSync, readlinkSync } from 'node:fs';

/** The parts of `node:fs` that are used here. @internal */
export interface ProcFiles {
  readlink(path: string): string;
  read(path: string): string;
}

const PROC: ProcFiles = {
  read: path => readFileSync(path, 'utf8'),
  readlink: path => readlinkSync(path),
};

/**
 * Returns the path to which a Unix socket is bound, as in `listen(path)`: a name in the abstract namespace begins with
 * a zero byte. `undefined` if the system does not tell. Node has no API for it. See proc_pid_net(5).
 *
 * @internal
 */
export function unixSocketPath(fd: number, proc: ProcFiles = PROC): string | undefined {
  try {
    const inode = /^socket:\[(\d+)\]$/.exec(proc.readlink(`/proc/self/fd/${fd}`))?.[1];
    const path = proc
      .read('/proc/self/net/unix')
      .split('\n')
      .map(line => /^\S+ \S+ \S+ \S+ \S+ \S+ +(\d+) (.+)$/.exec(line))
      .find(match => match?.[1] === inode)?.[2];
    return path?.replace(/^@/, '\0');
  } catch {
    return undefined;
  }
}
