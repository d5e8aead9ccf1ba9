import { expect, it } from 'vitest';
import { readListenVariables } from '../../../src/systemd/activation/listen-variables.js';

const ours = { LISTEN_PID: '42' };

it.each([
  ['one socket', { ...ours, LISTEN_FDS: '1', LISTEN_FDNAMES: 'http' }, [[3, 'http']]],
  [
    'several sockets',
    { ...ours, LISTEN_FDS: '3', LISTEN_FDNAMES: 'http::admin' },
    [
      [3, 'http'],
      [4, 'unknown'],
      [5, 'admin'],
    ],
  ],
  ['sockets without names', { ...ours, LISTEN_FDS: '1' }, [[3, 'unknown']]],
  ['no sockets', {}, []],
  ['none', { ...ours, LISTEN_FDS: '0' }, []],
  ['an empty variable', { ...ours, LISTEN_FDS: '' }, []],
  ['no number', { ...ours, LISTEN_FDS: 'three' }, []],
  ['a negative number', { ...ours, LISTEN_FDS: '-1' }, []],
  ['a fraction', { ...ours, LISTEN_FDS: '1.5' }, []],
  ['a number that no unit has', { ...ours, LISTEN_FDS: '1000000' }, []],
])('reads what systemd has passed: %s', (_, env, expected) => {
  const { descriptors, otherPid } = readListenVariables(env, 42);
  expect(descriptors.map(({ fd, name }) => [fd, name])).toEqual(expected);
  expect(otherPid).toBeUndefined();
});

it.each([
  ['41', '41'],
  ['', ''],
  [undefined, ''],
])('takes no sockets of another process: LISTEN_PID=%s', (pid, otherPid) => {
  const env = { LISTEN_FDS: '1', ...(pid !== undefined && { LISTEN_PID: pid }) };
  expect(readListenVariables(env, 42)).toEqual({ descriptors: [], otherPid });
});
