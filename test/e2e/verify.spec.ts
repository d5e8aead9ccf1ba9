import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { VerifyResult } from '../../src/cli/verify/report/result.interface.js';
import { eventually } from '../support/eventually.js';
import { childrenOf, isAlive } from '../support/processes.js';
import { verifyApplication, verifyTool } from '../support/verify-tool.js';

const FEW_CLIENTS = ['--keep-alive', '8', '--one-shot', '8'];
const FEW_RELOADS = ['--reloads=1', '--replacements=1', '--rest=100', '--requests=500'];

describe('nestjs-cluster-verify', () => {
  it('passes an application that loses nothing, with all kinds of clients', async () => {
    const { ended } = await verifyApplication(
      'http/configured',
      [
        ...FEW_CLIENTS,
        ...FEW_RELOADS,
        '--path=/hello?ms=5',
        '--upload-path=/upload',
        '--sse-path=/ticks',
        '--ws-path=/',
        `--ws-message=${JSON.stringify({ event: 'echo', data: 1 })}`,
        '--json',
      ],
      { FIXTURE: JSON.stringify({ webSockets: true }) },
    );
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const result = JSON.parse(stdout) as VerifyResult;
    expect(result).toMatchObject({
      passed: true,
      workers: 2,
      leftOut: [],
      reloads: [{ outcome: 'done' }],
      replacements: 1,
      failures: [],
      problems: [],
    });
    const answered = Object.values(result.clients).map(counts => counts.answered);
    expect(answered.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(500);
    expect(result.clients.sse).toMatchObject({ clients: 8 });
    expect(result.clients['keep-alive']?.atRest.p99).toBeGreaterThan(0);
    expect(result.clients['keep-alive']?.duringReloads.p99).toBeGreaterThan(0);
  });

  it('reports the in-flight requests of killed workers, and does not count them as failures', async () => {
    const kills = ['--reloads=0', '--kills=2', '--requests=500', '--path=/hello?ms=20'];
    const { ended } = await verifyApplication('http/fastify', [...FEW_CLIENTS, ...kills]);
    const { code, stdout } = await ended;
    expect(stdout).toMatch(/Workers killed: 2\. They had \d+ in-flight requests/);
    expect(stdout).toContain('Left out: event stream, without --sse-path.');
    expect(stdout).toContain('Passed');
    expect(code).toBe(0);
  });

  it('finds that an application loses requests, and names them', async () => {
    const options = [...FEW_CLIENTS, ...FEW_RELOADS, '--path=/hello?ms=20'];
    const { ended } = await verifyApplication('faults/leaves-at-once', options);
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(1);
    expect(stdout).toMatch(/Z +keep-alive +(lost|reset) +reused connection +opened \d+ ms before/);
    expect(stdout).toMatch(/FAILED\.\n$/);
    expect(stderr).toContain('The last output of the application');
  });

  it('says why, if an application does not start, or has no workers', async () => {
    const failed = await verifyTool(['--', process.execPath, '-e', 'process.exit(3)']).ended;
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain(
      'The application ended (exit code 3) before all workers were ready.',
    );
    const single = await verifyApplication('http/express', [], { CLUSTER_WORKERS: '0' });
    const { code, stdout } = await single.ended;
    expect(code).toBe(1);
    expect(stdout).toContain('The application runs in one process');
  });

  it('runs a main file that a hook compiles, as ts-node does', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'nestjs-cluster-hook-'));
    const [hook, main] = ['hook.cjs', 'main.hooked'].map(name => join(directory, name)) as [
      string,
      string,
    ];
    await writeFile(hook, "require.extensions['.hooked'] = () => process.exit(3);");
    await writeFile(main, '');
    const { stdout } = await verifyTool(['--', process.execPath, '-r', hook, main]).ended;
    await rm(directory, { recursive: true });
    expect(stdout).toContain('The application ended (exit code 3)');
  });

  it.each([
    [['--reloads', '3'], 'There is no command'],
    [['--reloads', 'x', '--', 'node'], '--reloads must be a whole number'],
    [['--unknown', '--', 'node'], "Unknown option '--unknown'"],
    [
      ['--upload-path=/', '--upload-file=/nowhere', '--', 'node'],
      '--upload-file /nowhere cannot be read: ENOENT',
    ],
  ])('ends with code 2 when it is called like this: %j', async (args, why) => {
    const { code, stderr } = await verifyTool(args).ended;
    expect(stderr).toContain(why);
    expect(stderr).toContain('--help');
    expect(code).toBe(2);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'leaves nothing behind on %s',
    async signal => {
      const { pid, ended } = await verifyApplication('http/express', [
        ...FEW_CLIENTS,
        '--path=/hello',
        '--requests=100000000',
      ]);
      const descendants = async (of: number): Promise<number[]> => {
        const children = await childrenOf(of);
        return [...children, ...(await Promise.all(children.map(descendants))).flat()];
      };
      let processes: number[] = [];
      await eventually(
        async () => (processes = await descendants(pid)).length >= 3,
        30_000,
        () => `There are ${processes.length} processes.`,
      );
      process.kill(pid, signal);
      expect((await ended).code).toBe(signal === 'SIGKILL' ? null : 130);
      await eventually(
        () => !processes.some(child => isAlive(child)),
        15_000,
        () => `Of ${processes.join(', ')}, not all have left.`,
      );
    },
  );
});
