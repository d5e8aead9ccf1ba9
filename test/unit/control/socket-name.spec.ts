import { expect, it } from 'vitest';
import { controlSocketPath, pidOfSocket } from '../../../src/control/socket-name.js';

it('names the application and the process', () => {
  expect(controlSocketPath('/run/shop', 'acme.shop', 4711)).toBe('/run/shop/acme.shop-4711.sock');
  expect(controlSocketPath('/run/shop', 'shop', 1, 2)).toBe('/run/shop/shop-1.2.sock');
});

it('cuts a name with which the path would be too long for a socket', () => {
  const path = controlSocketPath(`/${'d'.repeat(60)}`, 'a'.repeat(64), 4_194_304)!;
  expect(Buffer.byteLength(path)).toBe(103);
  expect(path).toMatch(/\/a+-4194304\.sock$/);
  expect(controlSocketPath(`/${'d'.repeat(100)}`, 'shop', 1)).toBeUndefined();
});

it('is recognized among other files', () => {
  expect(pidOfSocket('acme.shop-2-4711.sock')).toBe(4711);
  expect(pidOfSocket('shop-1.2.sock')).toBe(1);
  expect(pidOfSocket('shop.sock')).toBeUndefined();
  expect(pidOfSocket('shop-1.txt')).toBeUndefined();
});
