import { execFile } from 'node:child_process';
import { totalmem } from 'node:os';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCpuQuota } from '../../src/system/limits/cpu-quota.js';
import { readMemoryLimit } from '../../src/system/limits/memory-limit.js';
import { Cgroup, type CgroupLimit } from '../support/cgroup.js';

const CPUS: CgroupLimit = { controller: 'cpu', limit: 1.5 };
const MEMORY: CgroupLimit = { controller: 'memory', limit: 256 * 1024 * 1024 };
const built = new URL('../../build/', import.meta.url);

const QUOTA = `
  import { readCpuQuota } from '${new URL('system/limits/cpu-quota.js', built).href}';
  process.stdout.write(String(readCpuQuota()));
`;
const BYTES = `
  import { readMemoryLimit } from '${new URL('system/limits/memory-limit.js', built).href}';
  process.stdout.write(String(readMemoryLimit()));
`;
const WORKERS = `
  import { resolveOptions } from '${new URL('config/resolve-options.js', built).href}';
  process.stdout.write(String(resolveOptions({}, {}).workers));
`;

type Command = [program: string, args: string[]];

const node = (code: string): Command => [process.execPath, ['--input-type=module', '--eval', code]];

async function outputOf(command: Command): Promise<string> {
  return (await promisify(execFile)(...command)).stdout;
}

/**
 * Returns why the tests of a cgroup cannot run, if so. This is decided before they run, so that a machine without the
 * permissions shows them as skipped.
 */
function obstacle(wanted: CgroupLimit, own: number | undefined): string | undefined {
  const tooSmall =
    own !== undefined && own < wanted.limit
      ? `these tests themselves may use no more than ${own}`
      : undefined;
  return Cgroup.whyNot(wanted) ?? tooSmall;
}

function inCgroup(
  what: string,
  wanted: CgroupLimit,
  own: number | undefined,
  examples: (group: () => Cgroup) => void,
): void {
  const why = obstacle(wanted, own);
  const maybe = why === undefined ? describe : describe.skip;
  maybe(`in a cgroup of ${what}${why ? ` (skipped here: ${why})` : ''}`, () => {
    let group: Cgroup;

    beforeEach(() => {
      group = new Cgroup(wanted.controller, wanted);
    });

    // The cgroup is empty: each test has awaited the end of its process.
    afterEach(() => group.remove());

    examples(() => group);
  });
}

describe('where the tests run', () => {
  // If all other tests are skipped, this one makes Vitest print this file, with the reason.
  it('a process has the limits of the one that started it', async () => {
    expect(await outputOf(node(QUOTA))).toBe(String(readCpuQuota()));
    expect(await outputOf(node(BYTES))).toBe(String(readMemoryLimit()));
  });

  it("a process's CPU and memory are within those of the machine", () => {
    expect(readMemoryLimit() ?? totalmem()).toBeGreaterThan(64 * 1024 * 1024);
  });
});

inCgroup(`${CPUS.limit} CPUs`, CPUS, readCpuQuota(), group => {
  it('a process finds its quota', async () => {
    expect(await outputOf(group().command(...node(QUOTA)))).toBe(String(CPUS.limit));
  });

  it("workers: 'auto' is one, however many cores the machine has", async () => {
    expect(await outputOf(group().command(...node(WORKERS)))).toBe('1');
  });
});

inCgroup('256 MiB', MEMORY, readMemoryLimit(), group => {
  it('a process finds its limit', async () => {
    expect(await outputOf(group().command(...node(BYTES)))).toBe(String(MEMORY.limit));
  });

  it('Node itself does not, which is why we look', async () => {
    const code = 'process.stdout.write(String(process.constrainedMemory()))';
    const found = Number(await outputOf(group().command(...node(code))));
    expect(found).not.toBe(MEMORY.limit);
  });
});
