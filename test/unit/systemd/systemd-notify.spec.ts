import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { build } from 'esbuild';
import { systemdNotify } from '../../../src/systemd/notify/systemd-notify.js';
import { ServiceManager } from '../../support/systemd/service-manager.js';

/** Sends a message while all file descriptors are in use, and another one afterwards. */
const EXHAUST = `
  import { closeSync, openSync } from 'node:fs';
  import { systemdNotify } from '../../../src/systemd/notify/systemd-notify.js';

  const send = systemdNotify({ NOTIFY_SOCKET: '@x' }, 'true');
  const descriptors = [];
  try {
    for (;;) {
      descriptors.push(openSync('/dev/null'));
    }
  } catch {}
  const failure = await send(['READY=1']).catch(error => error);
  descriptors.forEach(descriptor => closeSync(descriptor));
  console.log(failure.message);
  await send(['READY=1']);
  console.log('sent');
`;

const directories: string[] = [];

afterEach(async () => {
  await ServiceManager.endAll();
  await Promise.all(directories.splice(0).map(path => rm(path, { recursive: true })));
});

async function pathOfSocket(kind: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'notify-'));
  directories.push(directory);
  return kind === 'path' ? join(directory, 'notify') : `@${directory}`;
}

const whenInstalled = existsSync('/usr/bin/systemd-notify') ? it : it.skip;

describe('systemd-notify', () => {
  whenInstalled.each(['path', 'abstract'])(
    'sends several lines as one message, to a socket of this kind: %s',
    async kind => {
      const notify = await pathOfSocket(kind);
      const manager = await ServiceManager.create({ command: [], env: {}, notify });
      const send = systemdNotify({ ...process.env, NOTIFY_SOCKET: notify });
      await send(['READY=1', 'STATUS=4 of 4 workers ready, generation 2']);
      await send(['STATUS=--help']);
      await manager.until(() => manager.notifications.length === 2);
      expect(manager.notifications.map(({ lines }) => lines)).toEqual([
        ['READY=1', 'STATUS=4 of 4 workers ready, generation 2'],
        ['STATUS=--help'],
      ]);
    },
  );

  whenInstalled('reports that nobody receives', async () => {
    const send = systemdNotify({ PATH: process.env['PATH'], NOTIFY_SOCKET: '/nowhere/notify' });
    await expect(send(['READY=1'])).rejects.toThrow(/No such file or directory/);
  });

  it('reports that it is not installed', async () => {
    const send = systemdNotify({ NOTIFY_SOCKET: '@x' }, 'no-such-program');
    await expect(send(['READY=1'])).rejects.toThrow('no-such-program is not installed');
  });

  it('reports that no file descriptor is free, and sends again when one is', async () => {
    const directory = dirname(await pathOfSocket('path'));
    const script = join(directory, 'exhaust.mjs');
    await build({
      stdin: { contents: EXHAUST, resolveDir: import.meta.dirname, loader: 'ts' },
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'esm',
    });
    const limited = ['-c', 'ulimit -n 40; exec "$@"', 'sh', process.execPath, script];
    // It ends with another code if anything else is thrown. No timer keeps it alive.
    const { stdout, stderr } = await promisify(execFile)('sh', limited, { timeout: 8_000 });
    expect([stdout, stderr]).toEqual(['spawn true EMFILE\nsent\n', '']);
  });

  it('reports how it ended, if it has not said why', async () => {
    const send = systemdNotify({ NOTIFY_SOCKET: '@x' }, 'false');
    await expect(send(['READY=1'])).rejects.toThrow('false ended with code 1');
  });
});
