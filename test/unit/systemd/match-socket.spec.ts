import { describe, expect, it } from 'vitest';
import { fitOf, matchingSockets } from '../../../src/systemd/activation/match-socket.js';

const at = (address: string | null, port: number | null = 3000) => ({ address, port });

describe('a socket', () => {
  it.each([
    ['listen(3000), a socket on all interfaces', '::', null, 'exact'],
    ['listen(3000), a socket on IPv4 only', '0.0.0.0', null, 'exact'],
    ['listen(3000), a socket on one interface: the unit decides', '127.0.0.1', null, 'exact'],
    ['0.0.0.0 and ::', '::', '0.0.0.0', 'exact'],
    ['the same address', '127.0.0.1', '127.0.0.1', 'exact'],
    ['the same address, as IPv6', '::ffff:127.0.0.1', '127.0.0.1', 'exact'],
    ['a certain address, a socket on all interfaces', '::', '127.0.0.1', 'near'],
    ['another address', '::1', '127.0.0.1', 'near'],
  ])('is compared with what the application asks for: %s', (_, socket, wanted, fit) => {
    expect(fitOf(at(socket), at(wanted))).toBe(fit);
  });

  it('does not fit another port, or any port', () => {
    expect(fitOf(at('::'), at(null, 3001))).toBeUndefined();
    expect(fitOf(at('::', 0), at(null, 0))).toBeUndefined();
  });

  it('with a path fits the same path only', () => {
    expect(fitOf(at('/run/app', null), at('/run/app', null))).toBe('exact');
    expect(fitOf(at('/run/app', null), at('/run/other', null))).toBeUndefined();
    expect(fitOf(at('/run/app', null), at(null))).toBeUndefined();
    expect(fitOf(at(null, null), at('/run/app', null))).toBeUndefined();
  });
});

it('prefers sockets on all interfaces, and finds the others as well', () => {
  const sockets = ['127.0.0.1', '::1', '0.0.0.0', '::'].map(address => ({ address: at(address) }));
  const found = matchingSockets(sockets, at(null)).map(({ address }) => address.address);
  expect(found).toEqual(['0.0.0.0', '::', '127.0.0.1', '::1']);
  expect(matchingSockets(sockets, at('::1'))).toEqual([{ address: at('::1') }]);
});
