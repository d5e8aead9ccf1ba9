import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readCpuQuota } from '../../src/options/cpu-quota.js';
import { CpuCgroup } from '../support/cpu-cgroup.js';

const CPUS = 1.5;
const built = new URL('../../dist/options/', import.meta.url);

const QUOTA = `
  import { readCpuQuota } from '${new URL('cpu-quota.js', built).href}';
  process.stdout.write(String(readCpuQuota()));
`;
const WORKERS = `
  import { resolveOptions } from '${new URL('resolve-options.js', built).href}';
  process.stdout.write(String(resolveOptions({}, {}).workers));
`;

type Command = [program: string, args: string[]];

const node = (code: string): Command => [process.execPath, ['--input-type=module', '--eval', code]];

async function outputOf(command: Command): Promise<string> {
  return (await promisify(execFile)(...command)).stdout;
}

/** Decided before the tests run, so that a machine that permits nothing shows them as skipped. */
const obstacle = CpuCgroup.whyNot() ?? tooSmall(readCpuQuota());
const maybe = obstacle === undefined ? describe : describe.skip;

function tooSmall(quota: number | undefined): string | undefined {
  return quota !== undefined && quota < CPUS
    ? `these tests themselves may use no more than ${quota} CPUs`
    : undefined;
}

describe('where the tests run', () => {
  // Also makes Jest print this file where all else in it is skipped, and with it the reason.
  it('a process has the quota of the one that started it', async () => {
    expect(await outputOf(node(QUOTA))).toBe(String(readCpuQuota()));
  });
});

maybe(`in a cgroup of ${CPUS} CPUs${obstacle ? ` (skipped here: ${obstacle})` : ''}`, () => {
  let group: CpuCgroup;

  beforeEach(() => {
    group = new CpuCgroup('quota', CPUS);
  });

  // Nothing is left in it: each test has awaited the end of its process.
  afterEach(() => group.remove());

  it('a process finds its quota', async () => {
    expect(await outputOf(group.command(...node(QUOTA)))).toBe(String(CPUS));
  });

  it("workers: 'auto' is one, however many cores the machine has", async () => {
    expect(await outputOf(group.command(...node(WORKERS)))).toBe('1');
  });
});
