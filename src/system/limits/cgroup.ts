import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';

/** The versions of cgroups. A "hybrid" machine has both: v2, and v1 with most controllers. @internal */
export type CgroupVersion = 1 | 2;

/** The controller of a limit, by its name in cgroup v1. @internal */
export type CgroupController = 'cpu' | 'memory';

/** Reads a limit from the directory of a group; returns `undefined` if the group has none. @internal */
export type LimitReader = (directory: string) => number | undefined;

/**
 * Returns the smallest limit of this process's group and all groups above it. Returns `undefined` without a limit,
 * without cgroups (macOS), or if this process cannot see them. Never throws.
 *
 * @param root the root of the file system; tests use recorded file trees
 * @internal
 */
export function smallestLimit(
  controller: CgroupController,
  readers: Readonly<Record<CgroupVersion, LimitReader>>,
  root: string,
): number | undefined {
  const mounts = parseMounts(readGroupFile(join(root, 'proc/self/mountinfo')), controller);
  const groups = parseGroups(readGroupFile(join(root, 'proc/self/cgroup')), controller);
  const limits = groups.flatMap(group =>
    mounts
      .filter(mount => mount.version === group.version)
      .flatMap(mount => directoriesUpwards(mount, group.path))
      .map(directory => readers[group.version](join(root, directory)))
      .filter(limit => limit !== undefined),
  );
  return limits.length > 0 ? Math.min(...limits) : undefined;
}

/** Returns the content of a file; an empty string if it does not exist or cannot be read. @internal */
export function readGroupFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

/** A mounted hierarchy that has the controller. */
interface CgroupMount {
  readonly version: CgroupVersion;
  /** The group at the mount point: `/`, or the group of the container if there is no cgroup namespace. */
  readonly root: string;
  readonly mountPoint: string;
}

/** The group of this process in a hierarchy. */
interface OwnGroup {
  readonly version: CgroupVersion;
  readonly path: string;
}

/**
 * Parses the lines of mountinfo: `36 35 98:0 <root> <mount point> <options> [<tag>…] - <type> <source> <super
 * options>`. See proc_pid_mountinfo(5).
 */
function parseMounts(mountinfo: string, controller: CgroupController): CgroupMount[] {
  return mountinfo.split('\n').flatMap((line): CgroupMount[] => {
    const [mount = '', filesystem = ''] = line.split(' - ');
    const [, , , root, mountPoint] = mount.split(' ').map(unescapeOctal);
    const [type, , superOptions] = filesystem.split(' ');
    if (root === undefined || mountPoint === undefined) {
      return [];
    }
    if (type === 'cgroup2') {
      return [{ version: 2, root, mountPoint }];
    }
    return type === 'cgroup' && superOptions?.split(',').includes(controller)
      ? [{ version: 1, root, mountPoint }]
      : [];
  });
}

/** Parses `4:cpu,cpuacct:<path>` for v1 and `0::<path>` for v2. See cgroups(7). */
function parseGroups(cgroup: string, controller: CgroupController): OwnGroup[] {
  return cgroup.split('\n').flatMap((line): OwnGroup[] => {
    const [, id, controllers = '', path] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined) {
      return [];
    }
    if (id === '0' && controllers === '') {
      return [{ version: 2, path }];
    }
    return controllers.split(',').includes(controller) ? [{ version: 1, path }] : [];
  });
}

/** Returns the directories of a group and of all its ancestors, because the smallest limit applies. */
function directoriesUpwards(mount: CgroupMount, path: string): string[] {
  const below = pathBelow(mount.root, path);
  if (below === undefined) {
    return [];
  }
  const directories = [mount.mountPoint];
  for (let directory = below; directory !== '/'; directory = dirname(directory)) {
    directories.push(join(mount.mountPoint, directory));
  }
  return directories;
}

/**
 * Returns the path of a group relative to a mount whose root is another group; `undefined` if the mount does not
 * show the group.
 *
 * Both paths are relative to the cgroup namespace, and `..` stands for groups outside of it: a process at `/../b` is
 * not in the group that is mounted as `/`, so that limit does not apply.
 */
function pathBelow(root: string, path: string): string | undefined {
  const groups = names(path);
  const rootGroups = names(root);
  if (rootGroups.every((name, depth) => name === groups[depth])) {
    const below = groups.slice(rootGroups.length);
    return below.includes('..') ? undefined : `/${below.join('/')}`;
  }
  // The mount starts above the namespace, and the process is inside. The names that lead down to the process are
  // unknown, but the mounted group is an ancestor.
  return rootGroups.every(name => name === '..') ? '/' : undefined;
}

function names(path: string): string[] {
  return path.split('/').filter(Boolean);
}

/** Decodes the escapes of mountinfo for space, tab, newline and backslash: `\040`, `\011`, `\012` and `\134`. */
function unescapeOctal(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 8)),
  );
}
