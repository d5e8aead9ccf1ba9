import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '../system/read-json.js';
import { directoriesUpwards, mainPlace, realPath } from './application-name.js';
import type { ResolvedClusterOptions } from './resolve-options.js';

/**
 * Returns the name of the release: that of the option, or else what identifies the code of the application.
 *
 * @internal
 */
export function releaseName({ release }: Pick<ResolvedClusterOptions, 'release'>): string {
  return release || ownRelease();
}

/** What this process has read, by its main script. */
const known = new Map<string, string>();

/**
 * Returns what identifies the code of the application that this process runs. It is read at the first call, when the process
 * boots: afterwards, a deploy may have replaced the files.
 *
 * @internal
 */
export function ownRelease(): string {
  const main = mainPlace(process.env);
  const release = known.get(main) ?? releaseOf(main);
  known.set(main, release);
  return release;
}

/**
 * Returns the name of the release of an application: the version in the nearest package.json above its main script, and
 * the time when the script was last modified.
 *
 * @param main the main script, or a directory
 * @internal
 */
export function releaseOf(main: string): string {
  const script = realPath(main);
  return [versionOf(script), modifiedAt(script)].filter(part => part !== undefined).join('+');
}

function versionOf(script: string): string | undefined {
  for (const directory of directoriesUpwards(script)) {
    const version = readJson(join(directory, 'package.json'))?.['version'];
    if (typeof version === 'string') {
      return version;
    }
  }
  return undefined;
}

function modifiedAt(script: string): string | undefined {
  return statSync(script, { throwIfNoEntry: false })?.mtime.toISOString();
}
