import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { checkOptions } from '../../../src/socket.io/check-options.js';

const cert = readFileSync(new URL('../../fixtures/certificate/cert.pem', import.meta.url));

it('the options of tls.connect() may be these', () => {
  checkOptions({ forwardBetweenHosts: { tls: {} } });
  checkOptions({ forwardBetweenHosts: { tls: { ca: cert, servername: 'app.example.com' } } });
  checkOptions({ forwardBetweenHosts: { tls: { servername: undefined, minDHSize: undefined } } });
});

it.each<[string, object, RegExp]>([
  ['a key that is none', { key: 'secret', cert }, /options that Node refuses: error:/],
  ['an unknown protocol', { minVersion: 'TLSv9' }, /options that Node refuses: .*TLSv9/],
  ['a key that is a number', { key: 1234 }, /options that Node refuses: .*key/],
  ['a size that is none', { minDHSize: 0 }, /options that Node refuses: .*minDHSize/],
  ['a timeout that is none', { timeout: -1 }, /options that Node refuses: .*out of range/],
  ['a long protocol', { ALPNProtocols: ['x'.repeat(256)] }, /options that Node refuses: ./],
  ['a check that is none', { checkServerIdentity: 'x' }, /options that Node refuses: ./],
  ['a name that is a number', { servername: 1234 }, /options that Node refuses: .*string/],
  ['an address that is none', { localAddress: 'x' }, /options that Node refuses: ./],
  ['a list', [], /a list/],
])('the options of tls.connect() may not be %s', (_, tls, message) => {
  const check = (): void => checkOptions({ forwardBetweenHosts: { tls } });
  expect(check).toThrow(message);
  expect(check).toThrow(/^forwardBetweenHosts\.tls of ClusterSocketIoModule must be /);
  expect(check).not.toThrow(/secret|1234|open an issue/);
});
