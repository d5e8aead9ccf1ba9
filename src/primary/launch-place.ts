import { realpathSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';

/** @internal */
export interface LaunchPlace {
  readonly cwd: string;
  /** The file that is run. */
  readonly script: string;
}

/**
 * Where this process was started, as its user named it. Node knows a working directory without its
 * symbolic links; a shell leaves it in `PWD` as it was asked for. With `current` a link to a release,
 * workers are to be started in what `current` is then, and not in what it was: that may be gone.
 *
 * @internal
 */
export function launchPlace({ cwd, script }: LaunchPlace, named: string | undefined): LaunchPlace {
  if (named === undefined || !isSameDirectory(named, cwd)) {
    return { cwd, script };
  }
  const below = relative(cwd, script);
  const isBelow = !below.startsWith('..') && !isAbsolute(below);
  return { cwd: named, script: isBelow ? join(named, below) : script };
}

function isSameDirectory(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}
