import { readFileSync } from 'node:fs';

/** The variables at the time when this package was loaded, for systems without `/proc`. */
const whenLoaded: ReadonlySet<string> = new Set(Object.keys(process.env));

/**
 * The environment with which a process was started, on Linux: `name=value`, each ended by a zero byte. See
 * proc_pid_environ(5).
 */
const LAUNCH_ENVIRONMENT = '/proc/self/environ';

let passedOn: ReadonlySet<string> | undefined;

/** Sets the names: a program that has replaced another one in this process was started with more variables. @internal */
export function useLaunchVariables(names: Iterable<string>): void {
  passedOn = new Set(names);
}

/**
 * Returns the names of the environment variables with which this process was started, without those that it has read
 * from files or set itself.
 *
 * @internal
 */
export function launchVariables(): ReadonlySet<string> {
  if (passedOn) {
    return passedOn;
  }
  try {
    const entries = readFileSync(LAUNCH_ENVIRONMENT, 'utf8').split('\0').filter(Boolean);
    return new Set(entries.map(entry => entry.slice(0, entry.indexOf('='))));
  } catch {
    return whenLoaded;
  }
}
