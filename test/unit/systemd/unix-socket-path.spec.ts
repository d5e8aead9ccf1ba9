import { expect, it } from 'vitest';
import { unixSocketPath } from '../../../src/systemd/activation/unix-socket-path.js';

const TABLE = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 17 /run/other.sock
0000000000000000: 00000002 00000000 00010000 0001 01    1742 /run/my app.sock
0000000000000000: 00000003 00000000 00000000 0001 03 18
0000000000000000: 00000002 00000000 00010000 0001 01 19 @name
`;

function missing(): never {
  throw new Error('ENOENT');
}

function pathOf(inode: number): string | undefined {
  return unixSocketPath(3, {
    readlink: path => (path === '/proc/self/fd/3' ? `socket:[${inode}]` : 'pipe:[1]'),
    read: () => TABLE,
  });
}

it.each([
  ['a path', 1742, '/run/my app.sock'],
  ['another one', 17, '/run/other.sock'],
  ['no path', 18, undefined],
  ['a name in the abstract namespace', 19, '\0name'],
  ['a socket that is not in the table', 1, undefined],
])('finds the path of a Unix socket: %s', (_, inode, path) => {
  expect(pathOf(inode)).toBe(path);
});

it('finds none for another file, or on a system without /proc', () => {
  expect(unixSocketPath(3, { readlink: () => 'pipe:[17]', read: () => TABLE })).toBeUndefined();
  expect(unixSocketPath(3, { readlink: missing, read: missing })).toBeUndefined();
});
