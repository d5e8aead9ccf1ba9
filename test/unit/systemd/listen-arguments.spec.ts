import { expect, it } from 'vitest';
import { wantedAddresses } from '../../../src/systemd/activation/listen-arguments.js';

const callback = (): void => {};

it.each([
  ['listen(port)', [3000], [[null, 3000]]],
  ['listen(port, callback)', [3000, callback], [[null, 3000]]],
  ['listen(port as text)', ['3000'], [[null, 3000]]],
  ['listen(port, host)', [3000, '127.0.0.1'], [['127.0.0.1', 3000]]],
  ['listen({ port })', [{ port: 3000 }, callback], [[null, 3000]]],
  ['listen({ port, host })', [{ port: '3000', host: '::' }], [['::', 3000]]],
  [
    'localhost',
    [3000, 'localhost'],
    [
      ['127.0.0.1', 3000],
      ['::1', 3000],
    ],
  ],
  ['listen(path)', ['/run/app.sock'], [['/run/app.sock', null]]],
  ['listen({ path })', [{ path: '/run/app.sock' }], [['/run/app.sock', null]]],
  ['another name', [3000, 'example.com'], []],
  ['any port', [0], []],
  ['listen()', [], []],
  ['listen(callback)', [callback], []],
  ['listen({ fd })', [{ fd: 3 }], []],
  ['listen(null)', [null], []],
])('reads what a server wants to listen on: %s', (_, args, expected) => {
  expect(wantedAddresses(args).map(({ address, port }) => [address, port])).toEqual(expected);
});
