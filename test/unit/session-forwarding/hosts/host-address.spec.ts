import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import {
  outerAddresses,
  parseAddress,
  placeOf,
  placeText,
} from '../../../../src/session-forwarding/hosts/host-address.js';

describe('an address', () => {
  it.each([
    ['10.0.0.1', { host: '10.0.0.1' }],
    ['one.example', { host: 'one.example' }],
    ['one:8080', { host: 'one', port: 8080 }],
    ['fd00::1', { host: 'fd00::1' }],
    ['[fd00::1]:8080', { host: 'fd00::1', port: 8080 }],
    ['http://10.0.0.1', { host: '10.0.0.1', port: 80, secure: false }],
    ['HTTPS://one.example/', { host: 'one.example', port: 443, secure: true }],
    ['https://[fd00::1]:8443', { host: 'fd00::1', port: 8443, secure: true }],
  ])('may be %s', (text, address) => {
    expect(parseAddress(text)).toEqual(address);
  });

  it.each([
    '',
    ' ',
    'one two',
    'one:0',
    'one:65536',
    'one:x',
    'ftp://one',
    'http://one/path',
    'http://user@one',
    'one?x',
    '[one]',
    ':3000',
  ])('is not %j', text => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

function at(address: string, internal = false): NetworkInterfaceInfo {
  const family = address.includes(':') ? 'IPv6' : 'IPv4';
  return { address, family, internal, netmask: '', mac: '', cidr: null } as NetworkInterfaceInfo;
}

describe('the addresses of a machine', () => {
  it('are those of IPv4 that others can reach', () => {
    const eth0 = [at('10.0.0.1'), at('fe80::1'), at('fd00::1')];
    const lo = [at('127.0.0.1', true), at('::1', true)];
    expect(outerAddresses({ lo, eth0, none: undefined })).toEqual(['10.0.0.1']);
    expect(outerAddresses({ lo })).toEqual([]);
    expect(outerAddresses({ eth0, docker0: [at('172.17.0.1')] })).toHaveLength(2);
  });
});

const one = () => ['10.0.0.1'];
const several = () => ['10.0.0.1', '172.17.0.1'];
const none = () => [];

describe('the place of a server', () => {
  const any = { address: '::', family: 'IPv6', port: 3000 };
  const inner = { address: '10.0.0.2', family: 'IPv4', port: 3000 };
  const loopback = { address: '127.0.0.1', family: 'IPv4', port: 3000 };

  it('is the address of the machine, or the one on which it listens', () => {
    expect(placeOf(any, false, undefined, one)).toEqual({
      host: '10.0.0.1',
      port: 3000,
      secure: false,
    });
    for (const own of [one, several, none]) {
      expect(placeOf(inner, true, undefined, own)).toEqual({
        host: '10.0.0.2',
        port: 3000,
        secure: true,
      });
    }
  });

  it('is what the application says', () => {
    const given = { host: 'one' };
    for (const listening of [any, inner, loopback]) {
      expect(placeOf(listening, true, given, several)).toEqual({
        host: 'one',
        port: 3000,
        secure: true,
      });
    }
    const proxied = { host: 'one', port: 80, secure: false };
    expect(placeOf(any, true, proxied, none)).toEqual(proxied);
    expect(placeOf('/a.sock', true, proxied, none)).toEqual(proxied);
  });

  it('is unknown if others cannot reach the server', () => {
    expect(placeOf(loopback, false, undefined, one)).toEqual({ listening: loopback });
    expect(placeOf('/a.sock', false, undefined, one)).toEqual({ listening: '/a.sock' });
    expect(placeOf(null, false, { host: 'one' }, one)).toEqual({ listening: null });
  });

  it.each([none, several])('is unknown if the address of the machine is not clear (%#)', own => {
    for (const listening of [any, { ...any, address: '0.0.0.0' }]) {
      expect(placeOf(listening, false, undefined, own)).toEqual({ listening, addresses: own() });
    }
  });

  it('is shown as a URL', () => {
    expect(placeText({ host: 'fd00::1', port: 1, secure: true })).toBe('https://[fd00::1]:1');
    expect(placeText({ host: 'one', port: 1, secure: false })).toBe('http://one:1');
  });
});
