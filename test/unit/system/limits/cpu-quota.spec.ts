import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readCpuQuota } from '../../../../src/system/limits/cpu-quota.js';

const trees = fileURLToPath(new URL('../../../fixtures/cgroup', import.meta.url));

describe('the CPU quota', () => {
  it.each([
    ['v1-docker', 1.5, 'of a container whose cgroup v1 mounts start at its own group'],
    ['v1-pod-limit', 2.5, 'of the pod, where it is below that of the container in it'],
    ['v2-docker', 1.5, 'of a container in a cgroup namespace of its own'],
    ['v2-docker-host-namespace', 1.5, 'of a container in the namespace of the host'],
    ['v2-systemd-slice', 2, 'of the outermost slice, where it is the smallest'],
    ['hybrid', 3, 'in cgroup v1, where v2 is mounted without the cpu controller'],
    ['v2-mounted-above-namespace', 1.5, 'of an ancestor above the namespace'],
    ['v2-neighbour-of-namespace', 4.5, 'of a group beside the namespace, where it is mounted'],
    ['v2-octal-escapes', 2.5, 'of a group and a mount point with spaces in their names'],
  ])('is found in %s: %d, %s', (tree, quota) => {
    expect(readCpuQuota(join(trees, tree))).toBe(quota);
  });

  it.each([
    ['v1-unlimited', 'the quota is -1'],
    ['v2-unlimited', 'the quota is max'],
    ['v2-outside-namespace', 'the process is no member of what is mounted'],
    ['v2-above-namespace', 'the process is above all that is mounted'],
    ['v2-other-group-mounted', 'the mounted group only begins with the same letters'],
    ['malformed', 'the files make no sense'],
    ['no-such-tree', 'there are no cgroups, as on macOS'],
  ])('is unknown in %s, where %s', tree => {
    expect(readCpuQuota(join(trees, tree))).toBeUndefined();
  });

  it('can be asked of whatever machine this is', () => {
    expect(() => readCpuQuota()).not.toThrow();
  });
});
