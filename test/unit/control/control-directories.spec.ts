import { expect, it } from 'vitest';
import { controlDirectories } from '../../../src/control/control-directories.js';

const place = { control: true, env: {}, uid: 1000, tmpdir: '/var/tmp' } as const;

it.each([
  ['the one of the option, and no other', { ...place, control: '/srv/control' }, ['/srv/control']],
  [
    'those for temporary files, with the user',
    place,
    ['/var/tmp/nestjs-cluster-1000', '/tmp/nestjs-cluster-1000'],
  ],
  ['one of them, if they are the same', { ...place, tmpdir: '/tmp' }, ['/tmp/nestjs-cluster-1000']],
  [
    'that of the service, then that of the user, before them',
    {
      ...place,
      tmpdir: '/tmp',
      env: { RUNTIME_DIRECTORY: '/run/shop:/run/other', XDG_RUNTIME_DIR: '/run/user/1000' },
    },
    ['/run/shop/nestjs-cluster', '/run/user/1000/nestjs-cluster', '/tmp/nestjs-cluster-1000'],
  ],
  [
    'no relative one',
    { ...place, tmpdir: '/tmp', env: { RUNTIME_DIRECTORY: 'run', XDG_RUNTIME_DIR: '' } },
    ['/tmp/nestjs-cluster-1000'],
  ],
])('control sockets are in %s', (_, given, expected) => {
  expect(controlDirectories(given)).toEqual(expected);
});
