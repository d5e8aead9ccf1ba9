import { readFileSync } from 'node:fs';

/** For where the system does not tell: whatever had been added before this package was loaded is in it. */
const whenLoaded: ReadonlySet<string> = new Set(Object.keys(process.env));

/** The environment a process was started with, on Linux: `name=value`, each ended by a zero byte. proc_pid_environ(5) */
const LAUNCH_ENVIRONMENT = '/proc/self/environ';

/**
 * The names of the environment variables that this process was started with: what it has read from files since,
 * or set itself, is not among them.
 *
 * @internal
 */
export function launchVariables(): ReadonlySet<string> {
  try {
    const entries = readFileSync(LAUNCH_ENVIRONMENT, 'utf8').split('\0').filter(Boolean);
    return new Set(entries.map(entry => entry.slice(0, entry.indexOf('='))));
  } catch {
    return whenLoaded;
  }
}
