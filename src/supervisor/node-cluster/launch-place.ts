import { realpathSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';

/** @internal */
export interface LaunchPlace {
  readonly cwd: string;
  /** The file that is run. */
  readonly script: string;
}

/**
 * Returns the directory and the script as the user named them. Node resolves symbolic links in the working
 * directory; a shell keeps the name in `PWD`, and systemd's units have it in the path of the script. If `current`
 * links to a release, workers must be started in the current target of `current`; the directory that it pointed to
 * at the start may be deleted.
 *
 * @param named the value of `PWD`
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

/** Returns the prefix of the path that is a name of the directory, if there is one. */
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
