import { join } from 'node:path/posix';
import { type CgroupVersion, type LimitReader, readGroupFile, smallestLimit } from './cgroup.js';

/**
 * Returns the number of CPUs that the cgroup of this process may use: 1.5 for `docker run --cpus=1.5`, or for
 * `limits: { cpu: 1500m }` in Kubernetes. Returns `undefined` without a limit, without cgroups (macOS), or if this
 * process cannot see them. Never throws.
 *
 * `os.availableParallelism()` ignores this limit on Node 20, and returns the cores of the machine.
 *
 * @param root the root of the file system; tests use recorded file trees
 * @internal
 */
export function readCpuQuota(root = '/'): number | undefined {
  return smallestLimit('cpu', QUOTA_OF, root);
}

const QUOTA_OF: Readonly<Record<CgroupVersion, LimitReader>> = {
  1: directory =>
    quotient(
      readGroupFile(join(directory, 'cpu.cfs_quota_us')), // -1 without a limit
      readGroupFile(join(directory, 'cpu.cfs_period_us')),
    ),
  2: directory => {
    const [quota, period] = readGroupFile(join(directory, 'cpu.max')).split(' '); // "max 100000" without
    return quotient(quota, period);
  },
};

function quotient(quota: string | undefined, period: string | undefined): number | undefined {
  const [dividend, divisor] = [Number(quota), Number(period)];
  return dividend > 0 && divisor > 0 ? dividend / divisor : undefined;
}
