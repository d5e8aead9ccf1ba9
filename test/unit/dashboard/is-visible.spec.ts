import { describe, expect, it } from 'vitest';
import { isVisible } from '../../../src/dashboard/access/is-visible.js';

const DEVELOPMENT = { hasGuards: false, isProduction: false };

const local = (headers: Readonly<Record<string, string>> = {}, remoteAddress = '127.0.0.1') => ({
  method: 'GET',
  httpVersion: '1.1',
  remoteAddress: remoteAddress === '' ? undefined : remoteAddress,
  headers: { host: 'localhost:3000', ...headers },
});

describe('without guards', () => {
  it('the dashboard does not exist in production, also not for a client on the same machine', () => {
    expect(isVisible({ hasGuards: false, isProduction: true }, local())).toBe(false);
  });

  it.each([['localhost'], ['LOCALHOST:80'], ['127.0.0.1:3000'], ['[::1]:3000'], ['[::1]']])(
    'it exists for a client on the same machine that names %s',
    host => {
      expect(isVisible(DEVELOPMENT, local({ host }))).toBe(true);
    },
  );

  it.each([['127.0.0.1'], ['127.8.9.1'], ['::1'], ['::ffff:127.0.0.1'], ['::FFFF:127.0.0.1']])(
    'it exists for %s',
    address => {
      expect(isVisible(DEVELOPMENT, local({}, address))).toBe(true);
    },
  );

  it.each([
    ['192.168.1.2'],
    ['10.0.0.1'],
    ['::ffff:10.0.0.1'],
    ['fe80::1'],
    ['1270.0.0.1'],
    ['::2'],
    [''],
  ])('it does not exist for a client at "%s"', address => {
    expect(isVisible(DEVELOPMENT, local({}, address))).toBe(false);
  });

  it.each([
    ['attacker.example'],
    ['localhost.attacker.example'],
    ['127.0.0.1.nip.io'],
    ['localhost:3000@attacker.example'],
    ['attacker.example:3000#localhost'],
    ['localhost:'],
    ['localhost.'],
    ['0.0.0.0'],
    ['192.168.1.2:3000'],
    ['[::]'],
    ['app.localhost'],
    [''],
  ])('it does not exist for a browser that was told to open "%s"', host => {
    expect(isVisible(DEVELOPMENT, local({ host }))).toBe(false);
  });

  it.each([
    ['forwarded'],
    ['x-forwarded-for'],
    ['x-forwarded-host'],
    ['x-forwarded-proto'],
    ['x-forwarded'],
    ['x-original-forwarded-for'],
    ['x-real-ip'],
    ['x-client-ip'],
    ['x-cluster-client-ip'],
    ['x-envoy-external-address'],
    ['x-arr-clientip'],
    ['x-azure-clientip'],
    ['x-appengine-user-ip'],
    ['x-amzn-trace-id'],
    ['cf-connecting-ip'],
    ['cf-connecting-ipv6'],
    ['cf-ray'],
    ['cf-visitor'],
    ['cdn-loop'],
    ['client-ip'],
    ['x-originating-ip'],
    ['x-sucuri-clientip'],
    ['x-vercel-id'],
    ['x-nf-client-connection-ip'],
    ['fly-region'],
    ['akamai-origin-hop'],
    ['incap-client-ip'],
    ['tailscale-user-login'],
    ['x-nginx-proxy'],
    ['x-cloud-trace-context'],
    ['true-client-ip'],
    ['fastly-client-ip'],
    ['fly-client-ip'],
    ['do-connecting-ip'],
    ['via'],
  ])('it does not exist behind a proxy that sends %s', name => {
    expect(isVisible(DEVELOPMENT, local({ [name]: '127.0.0.1' }))).toBe(false);
  });

  it('it does not exist behind nginx without further settings, whose requests are of HTTP/1.0', () => {
    expect(isVisible(DEVELOPMENT, { ...local(), httpVersion: '1.0' })).toBe(false);
  });

  it('its host is the authority of an HTTP/2 request', () => {
    const facts = { ...local(), headers: { ':authority': 'localhost:3000' } };
    expect(isVisible(DEVELOPMENT, facts)).toBe(true);
    expect(isVisible(DEVELOPMENT, { ...facts, headers: { ':authority': 'a.example' } })).toBe(
      false,
    );
    expect(isVisible(DEVELOPMENT, { ...facts, headers: {} })).toBe(false);
  });
});

it.each([[true], [false]])('with guards, they decide (in production: %s)', isProduction => {
  const facts = local({ host: 'admin.example', 'x-forwarded-for': '192.0.2.1' }, '10.0.0.1');
  expect(isVisible({ hasGuards: true, isProduction }, facts)).toBe(true);
});
