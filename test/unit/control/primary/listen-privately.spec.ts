import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../support/eventually.js';
import { actsAsOtherUser, asOtherUser } from '../../../support/other-user.js';
import {
  listenPrivately,
  NoControlSocketError,
} from '../../../../src/control/primary/listen-privately.js';

const NAMED = { name: 'shop', pid: process.pid };

/** No process has this id: it is above the limit of Linux and of macOS. */
const DEAD = 99_999_999;

let base: string;
const servers: Server[] = [];

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'listen-privately-'));
});

afterEach(() => {
  servers.splice(0).forEach(each => each.close());
  rmSync(base, { recursive: true, force: true });
});

function server(): Server {
  const created = createServer(socket => socket.end());
  servers.push(created);
  return created;
}

const modeOf = (path: string): string => (lstatSync(path).mode & 0o777).toString(8);

/** Leaves the file of a socket behind, as a process does that is killed. */
async function leaveSocket(path: string): Promise<void> {
  const code = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', code]), 'exit');
}

describe('the control socket', () => {
  it('can be reached by its user only', async () => {
    const mask = process.umask(0);
    const path = await listenPrivately(server(), [join(base, 'a/b')], NAMED);
    expect(process.umask(mask)).toBe(0);
    expect(path).toMatch(new RegExp(`/a/b/shop-${process.pid}\\.sock$`));
    expect(modeOf(path)).toBe('600');
    expect(modeOf(join(base, 'a/b'))).toBe('700');
  });

  // For others than root, the modes are checked above.
  const asRoot = actsAsOtherUser ? it : it.skip;
  asRoot('refuses another user of the machine', async () => {
    const path = await listenPrivately(server(), [join(base, 'a')], NAMED);
    // The directory above is open for everybody, as the one for temporary files is.
    chmodSync(base, 0o755);
    const tried = await asOtherUser({ socket: path, directories: [join(base, 'a')] });
    expect(tried).toEqual(['EACCES', 'EACCES']);
    // Only the directory is open now: the socket has its own mode.
    chmodSync(join(base, 'a'), 0o755);
    const again = await asOtherUser({ socket: path, directories: [join(base, 'a')] });
    expect(again).toEqual(['EACCES', 'done']);
  });

  it.each([
    ['can be opened by others', (path: string) => chmodSync(path, 0o755)],
    [
      'is a symbolic link',
      (path: string) => {
        rmSync(path, { recursive: true });
        mkdirSync(`${path}-target`, { mode: 0o700 });
        symlinkSync(`${path}-target`, path);
      },
    ],
    [
      'is a file',
      (path: string) => {
        rmSync(path, { recursive: true });
        writeFileSync(path, '');
      },
    ],
  ])('takes the next directory if the first one %s', async (_, spoil) => {
    const first = join(base, 'first');
    mkdirSync(first, { mode: 0o700 });
    spoil(first);
    const path = await listenPrivately(server(), [first, join(base, 'second')], NAMED);
    expect(path).toContain('/second/');
  });

  it('takes the next directory if the path is too long', async () => {
    const long = join(base, 'd'.repeat(100));
    const path = await listenPrivately(server(), [long, join(base, 'second')], NAMED);
    expect(path).toContain('/second/');
  });

  it('says for each directory why it cannot be used', async () => {
    const open = join(base, 'open');
    mkdirSync(open);
    chmodSync(open, 0o755);
    const long = join(base, 'd'.repeat(100));
    const none = listenPrivately(server(), [open, long], NAMED);
    await expect(none).rejects.toBeInstanceOf(NoControlSocketError);
    await expect(none).rejects.toMatchObject({
      reasons: [
        `${open} belongs to another user, can be opened by others, or is no directory`,
        expect.stringContaining('is too long for the path of a Unix socket'),
      ],
      message: expect.stringContaining('Set CLUSTER_CONTROL to a directory'),
    });
  });

  it('removes the sockets of hosts that were killed, and no others', async () => {
    const directory = join(base, 'a');
    mkdirSync(directory, { mode: 0o700 });
    const file = (name: string): string => join(directory, name);
    await leaveSocket(file(`shop-${DEAD}.sock`));
    // Somebody listens, in a container with other process ids.
    await listenPrivately(server(), [directory], { name: 'other', pid: DEAD - 1 });
    writeFileSync(file('notes.txt'), '');
    await listenPrivately(server(), [directory], NAMED);
    await eventually(
      () => !existsSync(file(`shop-${DEAD}.sock`)),
      5_000,
      () => 'still there',
    );
    expect(existsSync(file(`other-${DEAD - 1}.sock`))).toBe(true);
    expect(existsSync(file('notes.txt'))).toBe(true);
  });

  it('takes the name of a host that was killed and had the same process id', async () => {
    const directory = join(base, 'a');
    mkdirSync(directory, { mode: 0o700 });
    const path = join(directory, `shop-${process.pid}.sock`);
    await leaveSocket(path);
    expect(await listenPrivately(server(), [directory], NAMED)).toBe(path);
    expect(await listenPrivately(server(), [directory], NAMED)).toBe(
      join(directory, `shop-${process.pid}.1.sock`),
    );
  });
});
