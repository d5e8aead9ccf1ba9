import { realpathSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';

/** @internal */
export interface LaunchPlace {
  readonly cwd: string;
  /** The file that is run. */
  readonly script: string;
}

/**
 * Where this process was started, as its user named it. Node knows a working directory without its
 * symbolic links; a shell leaves it in `PWD` as it was asked for, and systemd's unit names it in the path of
 * the script. With `current` a link to a release, workers are to be started in what `current` is then, and
 * not in what it was: that may be gone.
 *
 * @param named what `PWD` says
 * @internal
 */
export function launchPlace({ cwd, script }: LaunchPlace, named: string | undefined): LaunchPlace {
  const link = named !== undefined && isSame(named, cwd) ? named : directoryIn(script, cwd);
  if (link === undefined) {
    return { cwd, script };
  }
  const below = pathBelow(cwd, script);
  return { cwd: link, script: below === undefined ? script : join(link, below) };
}

/** The part of the path that leads to the directory, if it does. */
function directoryIn(path: string, directory: string): string | undefined {
  const names = path.split(sep);
  const prefixes = names.map((_, length) => names.slice(0, length).join(sep)).filter(Boolean);
  return prefixes.find(prefix => isSame(prefix, directory));
}

function pathBelow(directory: string, path: string): string | undefined {
  const below = relative(directory, path);
  return below.startsWith('..') || isAbsolute(below) ? undefined : below;
}

function isSame(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}
