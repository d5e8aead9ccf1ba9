import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';

/**
 * How many CPUs the cgroup of this process may use: 1.5 for `docker run --cpus=1.5`, or for
 * `limits: { cpu: 1500m }` in Kubernetes. `undefined` without a limit, and where there are no
 * cgroups (macOS) or none that this process can see. Never throws.
 *
 * `os.availableParallelism()` does not look at this on Node 20, and counts every core of the
 * machine there.
 *
 * @param root where the file system starts; tests read recorded file trees
 * @internal
 */
export function readCpuQuota(root = '/'): number | undefined {
  const mounts = parseMounts(read(join(root, 'proc/self/mountinfo')));
  const groups = parseGroups(read(join(root, 'proc/self/cgroup')));
  const quotas = groups.flatMap(group =>
    mounts
      .filter(mount => mount.version === group.version)
      .flatMap(mount => directoriesUpwards(mount, group.path))
      .map(directory => QUOTA_OF[group.version](join(root, directory)))
      .filter(quota => quota !== undefined),
  );
  return quotas.length > 0 ? Math.min(...quotas) : undefined;
}

/** Both at once is normal: a "hybrid" machine has v2 beside v1, and the cpu controller in v1. */
type CgroupVersion = 1 | 2;

/** A hierarchy that knows about CPU time, as far as it is mounted here. */
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

const QUOTA_OF: Record<CgroupVersion, (directory: string) => number | undefined> = {
  1: directory =>
    quotient(
      read(join(directory, 'cpu.cfs_quota_us')), // -1 without a limit
      read(join(directory, 'cpu.cfs_period_us')),
    ),
  2: directory => {
    const [quota, period] = read(join(directory, 'cpu.max')).split(' '); // "max 100000" without
    return quotient(quota, period);
  },
};

function quotient(quota: string | undefined, period: string | undefined): number | undefined {
  const [dividend, divisor] = [Number(quota), Number(period)];
  return dividend > 0 && divisor > 0 ? dividend / divisor : undefined;
}

/**
 * A line of mountinfo: `36 35 98:0 <root> <mount point> <options> [<tag>…] - <type> <source> <super options>`.
 * See proc_pid_mountinfo(5).
 */
function parseMounts(mountinfo: string): CgroupMount[] {
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
    return type === 'cgroup' && superOptions?.split(',').includes('cpu')
      ? [{ version: 1, root, mountPoint }]
      : [];
  });
}

/** `4:cpu,cpuacct:<path>` for v1, `0::<path>` for v2. See cgroups(7). */
function parseGroups(cgroup: string): OwnGroup[] {
  return cgroup.split('\n').flatMap((line): OwnGroup[] => {
    const [, id, controllers = '', path] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined) {
      return [];
    }
    if (id === '0' && controllers === '') {
      return [{ version: 2, path }];
    }
    return controllers.split(',').includes('cpu') ? [{ version: 1, path }] : [];
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

/** A file that is not there, or may not be read, says nothing. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
