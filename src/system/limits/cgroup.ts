import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';

/** Both at once is normal: a "hybrid" machine has v2 beside v1, and most controllers in v1. @internal */
export type CgroupVersion = 1 | 2;

/** What can be limited, under the name that cgroup v1 has for it. @internal */
export type CgroupController = 'cpu' | 'memory';

/** Reads a limit in the directory of a group; `undefined` if the group has none. @internal */
export type LimitReader = (directory: string) => number | undefined;

/**
 * The smallest of the limits that the group of this process and all groups above it have.
 * `undefined` without a limit, and where there are no cgroups (macOS) or none that this process can see.
 * Never throws.
 *
 * @param root where the file system starts; tests read recorded file trees
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

/** What such a file says; nothing, if it is not there or may not be read. @internal */
export function readGroupFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

/** A hierarchy that knows about the controller, as far as it is mounted here. */
interface CgroupMount {
  readonly version: CgroupVersion;
  /** The group that stands at the mount point: `/`, or the container's own without a namespace. */
  readonly root: string;
  readonly mountPoint: string;
}

/** Where this process stands in such a hierarchy. */
interface OwnGroup {
  readonly version: CgroupVersion;
  readonly path: string;
}

/**
 * A line of mountinfo: `36 35 98:0 <root> <mount point> <options> [<tag>…] - <type> <source> <super options>`.
 * See proc_pid_mountinfo(5).
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

/** `4:cpu,cpuacct:<path>` for v1, `0::<path>` for v2. See cgroups(7). */
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

/** The directory of a group and those of all its ancestors: the smallest limit of them counts. */
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
 * The path of a group as seen from a mount whose root is another group; `undefined` if the mount
 * does not show the group.
 *
 * Both are told relative to the cgroup namespace, where `..` stands for what lies outside of it:
 * a process at `/../b` is no member of the group that is mounted as `/`, whatever that one's limit.
 */
function pathBelow(root: string, path: string): string | undefined {
  const groups = names(path);
  const rootGroups = names(root);
  if (rootGroups.every((name, depth) => name === groups[depth])) {
    const below = groups.slice(rootGroups.length);
    return below.includes('..') ? undefined : `/${below.join('/')}`;
  }
  // The mount starts above the namespace, and the process is inside: which names lead down to it
  // cannot be known, but what is mounted is an ancestor.
  return rootGroups.every(name => name === '..') ? '/' : undefined;
}

function names(path: string): string[] {
  return path.split('/').filter(Boolean);
}

/** mountinfo writes space, tab, newline and backslash as `\040`, `\011`, `\012` and `\134`. */
function unescapeOctal(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 8)),
  );
}
