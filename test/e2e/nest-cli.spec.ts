import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environmentForApplication } from '../support/environment.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const directory = join(root, '.test-build', 'watched');
const controller = join(directory, 'src', 'worker', 'worker.controller.ts');

let cli: ChildProcess;
let output = '';
let port: number;

const occurrences = (text: string): number => output.split(text).length - 1;

async function answer(): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/api/worker`);
  return response.text();
}

describe('nest start --watch --debug', () => {
  beforeAll(async () => {
    await rm(directory, { recursive: true, force: true });
    await cp(join(root, 'sample-app'), directory, {
      recursive: true,
      filter: source => !/node_modules|dist$/.test(source),
    });
    port = await freePort();
    cli = spawn(
      process.execPath,
      [join(root, 'node_modules/@nestjs/cli/bin/nest.js'), 'start', '--watch', '--debug', '0'],
      {
        cwd: directory,
        env: environmentForApplication({ PORT: String(port), CLUSTER_WORKERS: '2' }),
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      },
    );
    for (const stream of [cli.stdout!, cli.stderr!]) {
      stream.on('data', chunk => (output += String(chunk)));
    }
  });

  afterAll(async () => {
    if (cli.exitCode === null && cli.signalCode === null) {
      process.kill(-cli.pid!, 'SIGKILL');
      await once(cli, 'exit');
    }
    await rm(directory, { recursive: true, force: true });
  });

  it('runs on all workers, each with an inspector of its own', async () => {
    await eventually(
      () => occurrences('2 workers ready') === 1 && occurrences('Debugger listening on') === 3,
      40_000,
      () => output,
    );
    const ports = [...output.matchAll(/ws:\/\/127\.0\.0\.1:(\d+)/g)].map(([, found]) => found);
    expect(new Set(ports).size).toBe(3);
    expect(output).toContain('boot.timeout and heartbeat.timeout do not apply');
    expect(await answer()).not.toContain('edited');
  });

  it('runs the new code after an edit', async () => {
    const code = await readFile(controller, 'utf8');
    await writeFile(controller, code.replace('mode:', 'edited: true, mode:'));
    await eventually(
      async () => (await answer().catch(() => '')).includes('"edited":true'),
      40_000,
      () => output,
    );
  });

  it('ends with all its processes on Ctrl-C', async () => {
    await eventually(
      () => occurrences('2 workers ready') === 2,
      40_000,
      () => output,
    );
    process.kill(-cli.pid!, 'SIGINT');
    await once(cli, 'exit');
    expect(occurrences('Stopped after')).toBe(2);
    expect(output).not.toContain('Second signal');
    await expect(answer()).rejects.toThrow('fetch failed');
  });
});
