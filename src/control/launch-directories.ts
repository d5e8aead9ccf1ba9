import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { directoriesUpwards, mainPlace, realPath } from '../config/application-name.js';

/**
 * Returns the working directory of this process: as the system knows it, and as the shell does (`PWD`), which may lead
 * through a symbolic link to the current release.
 *
 * @internal
 */
export function workingDirectories(env: NodeJS.ProcessEnv): readonly string[] {
  const actual = process.cwd();
  const { PWD: logical } = env;
  return logical && logical !== actual && isSame(logical, actual) ? [actual, logical] : [actual];
}

/**
 * Returns the directories of the application's package: with the links in the path of the main script resolved, and as the
 * script was named.
 *
 * @internal
 */
export function applicationDirectories(env: NodeJS.ProcessEnv): readonly string[] {
  const main = mainPlace(env);
  const found = [realPath(main), main].map(path =>
    directoriesUpwards(dirname(path)).find(each => existsSync(join(each, 'package.json'))),
  );
  return [...new Set(found.filter(path => path !== undefined))];
}

function isSame(one: string, other: string): boolean {
  try {
    const [first, second] = [statSync(one), statSync(other)];
    return first.ino === second.ino && first.dev === second.dev;
  } catch {
    return false;
  }
}
