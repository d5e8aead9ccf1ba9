import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readMemoryLimit } from '../../../../src/system/limits/memory-limit.js';

const trees = fileURLToPath(new URL('../../../fixtures/cgroup', import.meta.url));
const MEBIBYTE = 1024 * 1024;

describe('the memory limit', () => {
  it.each([
    ['v1-docker', 512, 'of a container whose cgroup v1 mounts start at its own group'],
    ['v1-pod-limit', 256, 'of the pod, where the container in it has none'],
    ['v2-docker', 512, 'of a container in a cgroup namespace of its own'],
    ['v2-docker-host-namespace', 300, 'of a container in the namespace of the host'],
    ['v2-systemd-slice', 2048, 'of the outermost slice, where it is the smallest'],
    ['hybrid', 1024, 'in cgroup v1, where v2 is mounted without the memory controller'],
  ])('is found in %s: %d MiB, %s', (tree, mebibytes) => {
    expect(readMemoryLimit(join(trees, tree))).toBe(mebibytes * MEBIBYTE);
  });

  it.each([
    ['v1-unlimited', 'the limit is as large as can be'],
    ['v2-unlimited', 'the limit is max'],
    ['v2-mounted-above-namespace', 'the memory controller is not there'],
    ['malformed', 'the files make no sense'],
    ['no-such-tree', 'there are no cgroups, as on macOS'],
  ])('is unknown in %s, where %s', tree => {
    expect(readMemoryLimit(join(trees, tree))).toBeUndefined();
  });

  it('can be asked of whatever machine this is', () => {
    expect(() => readMemoryLimit()).not.toThrow();
  });
});
