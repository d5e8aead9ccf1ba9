import { sep } from 'node:path';
import type { ControlHello } from '../../control/control-messages.js';

/** Which host a command is for. Without a name and a process id, it is the one of the working directory. @internal */
export interface HostChoice {
  readonly name?: string | undefined;
  readonly pid?: number | undefined;
}

/**
 * Returns the hosts that a choice means. A host belongs to its working directory, and to the directories of its
 * application and everything below.
 *
 * @param places the working directories of the caller
 * @internal
 */
export function matchingHosts<Host extends Omit<ControlHello, 'type'>>(
  hosts: readonly Host[],
  { name, pid }: HostChoice,
  places: readonly string[],
): readonly Host[] {
  if (name !== undefined || pid !== undefined) {
    return hosts.filter(
      host => (name === undefined || host.name === name) && (pid === undefined || host.pid === pid),
    );
  }
  return hosts.filter(({ directories, applications }) =>
    places.some(
      place =>
        directories.includes(place) || applications.some(directory => isBelow(place, directory)),
    ),
  );
}

function isBelow(path: string, directory: string): boolean {
  return (
    path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep)
  );
}
