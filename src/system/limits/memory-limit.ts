import { join } from 'node:path/posix';
import { type CgroupVersion, type LimitReader, readGroupFile, smallestLimit } from './cgroup.js';

/**
 * Larger values mean no limit. Without one, cgroup v1 reports the largest number of whole pages that the kernel can
 * count, in bytes: 9223372036854771712 with pages of 4 KiB, less with larger pages.
 */
const UNLIMITED = 2 ** 51;

/**
 * Returns the bytes of memory that the cgroup of this process may use before the kernel kills processes in it:
 * `docker run --memory=512m`, or `limits: { memory: 512Mi }` in Kubernetes. Returns `undefined` without a limit,
 * without cgroups (macOS), or if this process cannot see them. Never throws.
 *
 * `process.constrainedMemory()` of Node 20 to 26 reads only one group, and ignores a limit of the pod or the slice
 * around it.
 *
 * @param root the root of the file system; tests use recorded file trees
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
