import { join } from 'node:path/posix';
import { type CgroupVersion, type LimitReader, readGroupFile, smallestLimit } from './cgroup.js';

/**
 * What cgroup v1 says without a limit: the largest number of bytes in whole pages that the kernel can count
 * to, 9223372036854771712 with pages of 4 KiB, less with larger ones. No machine has a 4096th of it.
 */
const UNLIMITED = 2 ** 51;

/**
 * How many bytes of memory the cgroup of this process may use, before the kernel kills in it: `docker run
 * --memory=512m`, or `limits: { memory: 512Mi }` in Kubernetes. `undefined` without a limit, and where there are
 * no cgroups (macOS) or none that this process can see. Never throws.
 *
 * `process.constrainedMemory()` looks at one group only, on Node 20 to 26: a limit of the pod or the slice
 * around it, it takes for none.
 *
 * @param root where the file system starts; tests read recorded file trees
 * @internal
 */
export function readMemoryLimit(root = '/'): number | undefined {
  return smallestLimit('memory', LIMIT_OF, root);
}

const LIMIT_OF: Readonly<Record<CgroupVersion, LimitReader>> = {
  1: directory => bytes(readGroupFile(join(directory, 'memory.limit_in_bytes'))),
  2: directory => bytes(readGroupFile(join(directory, 'memory.max'))), // "max" without
};

function bytes(text: string): number | undefined {
  const limit = Number(text);
  return limit > 0 && limit < UNLIMITED ? limit : undefined;
}
