import { describe, expect, it } from 'vitest';
import { isCrossSite, isFromPage } from '../../../src/dashboard/access/cross-site.js';

const HOST = 'admin.example:3000';

type Headers = Readonly<Record<string, string>>;

const request = (method: string, headers: Headers = {}) => ({
  method,
  httpVersion: '1.1',
  remoteAddress: '127.0.0.1',
  headers: { host: HOST, ...headers },
});

const post = (headers: Headers) =>
  request('POST', {
    'content-type': 'application/json',
    'x-cluster-dashboard': '1',
    ...headers,
  });

describe('a request that reads', () => {
  it.each<[string, Headers]>([
    ['of the page', { 'sec-fetch-site': 'same-origin' }],
    ['of a typed address', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }],
    ['of no browser', {}],
    ['of an old browser', { origin: `http://${HOST}` }],
    [
      'of a link of another site',
      {
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
      },
    ],
  ])('%s is answered', (_, headers) => {
    expect(isCrossSite(request('GET', headers))).toBe(false);
    expect(isCrossSite(request('HEAD', headers))).toBe(false);
  });

  it.each<[string, Headers]>([
    ['of a script of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }],
    ['of a script of another port', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }],
    [
      'of a frame of another site',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    ],
    ['of another site in an old browser', { origin: 'https://attacker.example' }],
    ['of another port in an old browser', { origin: 'http://admin.example:4000' }],
    ['of a sandboxed page', { origin: 'null' }],
    ['of something unknown', { 'sec-fetch-site': 'same-origin, cross-site' }],
  ])('%s is refused', (_, headers) => {
    expect(isCrossSite(request('GET', headers))).toBe(true);
  });
});

describe('a request that changes something', () => {
  it.each<[string, Headers]>([
    ['of the page', { 'sec-fetch-site': 'same-origin', origin: `http://${HOST}` }],
    ['of the page in an old browser', { origin: `http://${HOST}` }],
    ['of a script without a browser', {}],
    ['with a charset', { 'content-type': 'application/json; charset=utf-8' }],
    ['in other letters', { origin: `http://${HOST.toUpperCase()}` }],
  ])('%s is answered', (_, headers) => {
    expect(isFromPage(post(headers))).toBe(true);
  });

  it.each<[string, Headers]>([
    ['of another site', { 'sec-fetch-site': 'cross-site' }],
    ['of another port', { 'sec-fetch-site': 'same-site' }],
    ['of no page', { 'sec-fetch-site': 'none' }],
    [
      'that navigates',
      {
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
      },
    ],
    ['of another site in an old browser', { origin: 'https://attacker.example' }],
    ['of a sandboxed page', { origin: 'null' }],
    ['of a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['of a form with JSON in it', { 'content-type': 'text/plain' }],
    ['of another type', { 'content-type': 'application/jsonp' }],
    ['without a type', { 'content-type': '' }],
    ['without the header', { 'x-cluster-dashboard': '' }],
    ['with another header', { 'x-cluster-dashboard': '0' }],
  ])('%s is refused', (_, headers) => {
    expect(isFromPage(post(headers))).toBe(false);
  });

  it('is refused without any header', () => {
    expect(isFromPage(request('POST'))).toBe(false);
  });
});
